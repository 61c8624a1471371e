namespace VgpuPS.Core.Steps;

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
