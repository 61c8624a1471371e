namespace VgpuPS.Completers;

/// <summary>Completes virtual functions by address, the free ones first.</summary>
public sealed class FunctionCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        Read(bound).SelectMany(i => FindGpus(i, bound).SelectMany(i.FunctionsOf))
            .OrderByDescending(f => f.IsFree)
            .Select(f => new Completion(
                f.FunctionAddress,
                $"{f.FunctionAddress}: {(f.IsFree ? "free" : f.VgpuType ?? f.Driver ?? "no driver")}"));
}
