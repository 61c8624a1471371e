using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>
/// What will be done once the steps before it have shown the GPU as it is then; never carried out itself: it is planned
/// anew.
/// </summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="What">What will be done, for people.</param>
public sealed record ForeseenStep(PciAddress Gpu, string What) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => What;
}
