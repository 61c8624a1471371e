using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>One change on the host; carried out, read back, and taken back when a later one fails.</summary>
/// <param name="Gpu">The GPU it touches.</param>
public abstract record PlanStep(PciAddress Gpu)
{
    /// <summary>A sentence for people, in the imperative, without a full stop.</summary>
    public abstract string Text { get; }

    /// <summary>
    /// Whether it changes which functions exist, so that what follows can be planned exactly only after it.
    /// </summary>
    public virtual bool ChangesFunctions => false;
}
