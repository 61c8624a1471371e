using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Disables all virtual functions of a GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Count">How many it has now.</param>
public sealed record DisableFunctionsStep(PciAddress Gpu, int Count) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => $"disable {Count} virtual functions, GPU {Gpu}";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}
