using VgpuPS.Core.Gpu;

namespace VgpuPS.Core.Steps;

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

/// <summary>Enables all virtual functions of a GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Count">How many it can have.</param>
public sealed record EnableFunctionsStep(PciAddress Gpu, int Count) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => $"enable {Count} virtual functions, GPU {Gpu}";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}
