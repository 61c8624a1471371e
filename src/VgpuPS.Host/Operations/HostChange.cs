using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations;

/// <summary>The plans of the GPUs that one request is about, in the order in which they are executed.</summary>
/// <param name="Parts">Each GPU with its plan.</param>
internal sealed record HostChange(IReadOnlyList<(ManagedGpu Gpu, GpuChangePlan Plan)> Parts)
{
    public static HostChange Of(
        ManagedGpu gpu, IReadOnlyList<PlanStep> steps, params IReadOnlyList<string> destroyed) =>
        new([(gpu, new GpuChangePlan(steps, destroyed))]);

    /// <summary>What it is done to, for display.</summary>
    public string Target => Parts.Count == 0 ? "no GPU"
        : string.Join(", ", Parts.Where(p => p.Plan.Steps.Count > 0).DefaultIfEmpty(Parts[0]).Select(p => p.Gpu.Text));

    /// <summary>VMs whose next start it makes fail, with the reason.</summary>
    public IReadOnlyList<string> Breaks { get; init; } = [];

    /// <summary>What is so already, where nothing is to be done; null where no one says it.</summary>
    public string? AlreadySo { get; init; }

    /// <summary>What is lost on all of them.</summary>
    public IReadOnlyList<string> Destroyed => [.. Parts.SelectMany(p => p.Plan.Destroyed)];

    /// <summary>Whether anything is to be done.</summary>
    public bool HasSteps => StepCount > 0;

    /// <summary>How many steps there are, foreseen ones included.</summary>
    public int StepCount => Parts.Sum(p => p.Plan.Steps.Count);

    /// <summary>Steps that can be executed before the GPUs are read again.</summary>
    public IReadOnlyList<PlanStep> Executable => [.. Parts.SelectMany(p => p.Plan.Executable)];

    /// <summary>What it will have created; null for nothing.</summary>
    public ForeseenChange? Foreseen =>
        ForeseenChange.Of(Parts.SelectMany(p => p.Plan.Steps)) is { IsEmpty: false } made ? made : null;

    /// <summary>The plan for display.</summary>
    public ChangePlan ToPlan() => new(Target, [.. Parts.SelectMany(p => p.Plan.Steps).Select(s => s.Text)], Destroyed)
    {
        Breaks = Breaks,
        AlreadySo = HasSteps ? null : AlreadySo,
        Subjects = Parts.Count > 1 ? string.Join(", ", Parts.Select(p => p.Gpu.Text)) : null,
    };
}
