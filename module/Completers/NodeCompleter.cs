namespace VgpuPS.Completers;

/// <summary>Completes nodes that sessions are open with.</summary>
public sealed class NodeCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(new Dictionary<string, object?>())
        select new Completion(report.Node, $"node {report.Node}: session {report.VgpuHost}");
}
