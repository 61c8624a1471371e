namespace VgpuPS.Core.Contracts;

/// <summary>What the boot service did to one GPU.</summary>
public sealed record BootGpuStatus
{
    /// <summary>All is as the layout says since it was made so.</summary>
    public const string Restored = "restored";

    /// <summary>All was as the layout says.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>It could not be done; <see cref="Problem"/> says why.</summary>
    public const string Failed = "failed";

    /// <summary>Its address, or the name that the layout gives to a GPU that is not there.</summary>
    public required string Gpu { get; init; }

    /// <summary>One of the words above.</summary>
    public required string Outcome { get; init; }

    /// <summary>What was done, as sentences.</summary>
    public IReadOnlyList<string> Steps { get; set; } = [];

    /// <summary>Why it failed; null where it did not.</summary>
    public BootProblem? Problem { get; init; }
}
