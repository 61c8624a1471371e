using VgpuPS.Core.Performance;

namespace VgpuPS.Completers;

/// <summary>Completes what a measurement can exercise.</summary>
public sealed class WorkloadCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        Workload.All.Select(w => new Completion(w.Name, $"{w.Title}, in {w.Unit}"));
}
