namespace VgpuPS.Core.Steps;

/// <summary>One change on the host; executed, read back, and rolled back when a later one fails.</summary>
/// <param name="Gpu">The GPU it touches.</param>
public abstract record PlanStep(PciAddress Gpu)
{
    /// <summary>A sentence for display, in the imperative, without a full stop.</summary>
    public abstract string Text { get; }

    /// <summary>
    /// Whether it changes which functions exist, so that what follows can be planned exactly only after it.
    /// </summary>
    public virtual bool ChangesFunctions => false;
}

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

/// <summary>
/// What will be done once the steps before it have shown the GPU as it is then; never executed itself: it is planned
/// again.
/// </summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="What">What will be done, for display.</param>
public sealed record DeferredStep(PciAddress Gpu, string What) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => What;
}

/// <summary>What a change of one GPU needs, and what it costs.</summary>
/// <param name="Steps">Steps in order.</param>
/// <param name="Destroyed">Objects that are destroyed and that were not named.</param>
public sealed record GpuChangePlan(IReadOnlyList<PlanStep> Steps, IReadOnlyList<string> Destroyed)
{
    /// <summary>
    /// The steps that can be executed as they are: up to the last one that changes what the rest is planned from.
    /// </summary>
    public IReadOnlyList<PlanStep> Executable
    {
        get
        {
            var last = Steps.ToList().FindLastIndex(s => s.ChangesFunctions);
            return last < 0 ? Steps : [.. Steps.Take(last + 1)];
        }
    }
}
