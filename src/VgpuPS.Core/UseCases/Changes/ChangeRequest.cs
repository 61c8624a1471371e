namespace VgpuPS.Core.UseCases.Changes;

/// <summary>Asks for a change: first for its plan, then, once somebody has seen the plan, for the change itself.</summary>
public abstract record ChangeRequest
{
    /// <summary>Who asks, for the log of changes and for those who wait for the host lock: <c>New-MigInstance</c>.</summary>
    public string Source { get; set; } = "";

    /// <summary>Whether only the plan is wanted: everything is read and decided, refusals included, and nothing changed.</summary>
    public bool IsPlanOnly { get; init; }

    /// <summary>
    /// The plan that was shown before; null where nobody was asked. A plan made since that destroys what this one does not
    /// is refused.
    /// </summary>
    public ChangePlan? Confirmed { get; init; }
}
