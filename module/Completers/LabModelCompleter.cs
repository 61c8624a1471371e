using VgpuPS.Lab.Models;

namespace VgpuPS.Completers;

/// <summary>Completes GPU models that the lab has.</summary>
public sealed class LabModelCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        GpuModel.Names.Select(n => new Completion(GpuModel.Load(n).Aliases.FirstOrDefault(n), n, n));
}
