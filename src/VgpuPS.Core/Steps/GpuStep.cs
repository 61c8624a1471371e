namespace VgpuPS.Core.Steps;

/// <summary>A step whose sentence ends with its GPU.</summary>
/// <param name="Gpu">The GPU it touches.</param>
public abstract record GpuStep(PciAddress Gpu) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public sealed override string Text => $"{What}, GPU {Gpu}{Note}";

    /// <summary>What is done, without the GPU.</summary>
    protected abstract string What { get; }

    /// <summary>What is said after the GPU.</summary>
    protected virtual string Note => "";
}
