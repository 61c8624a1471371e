namespace VgpuPS.Completers;

/// <summary>Completes names of open host sessions.</summary>
public sealed class SessionCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        HostSessions.Connected.Select(s => new Completion(s.Name, $"{s.Name} ({s.Kind})"));
}
