using VgpuPS.Core.Metrics;

namespace VgpuPS.Completers;

/// <summary>Completes names of metrics; no host is asked.</summary>
public sealed class MetricCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        MetricTable.All.Select(f => new Completion(f.Name, f.Help));
}
