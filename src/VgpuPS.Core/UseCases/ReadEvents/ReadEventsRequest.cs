namespace VgpuPS.Core.UseCases.ReadEvents;

/// <summary>Asks for changes that were made on the host.</summary>
public sealed record ReadEventsRequest
{
    /// <summary>How many at most, the newest; null for all.</summary>
    public int? Last { get; init; }

    /// <summary>Only those at this moment or later, UTC.</summary>
    public DateTime? After { get; init; }

    /// <summary>Only those at this moment or earlier, UTC.</summary>
    public DateTime? Before { get; init; }

    /// <summary>Only those made for these VMs; null for all, those for no VM included.</summary>
    public IReadOnlyList<int>? VmIds { get; init; }

    /// <summary>Only those by these sources, with <c>*</c> and <c>?</c>; null for all.</summary>
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary>Only those actions, with <c>*</c> and <c>?</c>; null for all.</summary>
    public IReadOnlyList<string>? Actions { get; init; }
}
