namespace VgpuPS.Completers;

/// <summary>Base of completers of what the latest events of the hosts say.</summary>
public abstract class EventCompleter : HostCompleter
{
    private const int Latest = 500;

    private protected sealed override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        Ask(bound, HostUseCases.ReadEvents, new ReadEventsRequest { Last = Latest })
            .SelectMany(r => r.Events).GroupBy(TextOf, StringComparer.Ordinal)
            .Where(g => g.Key.Length > 0).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new Completion(g.Key, $"{g.Key}: {g.Count()} of the latest events"));

    private protected abstract string TextOf(VgpuEventInfo change);
}

/// <summary>Completes kinds of change that the log has.</summary>
public sealed class EventActionCompleter : EventCompleter
{
    private protected override string TextOf(VgpuEventInfo change) => change.Action;
}

/// <summary>Completes who made changes that the log has.</summary>
public sealed class EventSourceCompleter : EventCompleter
{
    private protected override string TextOf(VgpuEventInfo change) => change.Source;
}

/// <summary>Completes VMs that changes in the log were made for.</summary>
public sealed class EventVmCompleter : EventCompleter
{
    private protected override string TextOf(VgpuEventInfo change) =>
        change.VmId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
