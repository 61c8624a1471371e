using VgpuPS.Host.Operations.Doctor;

namespace VgpuPS.Completers;

/// <summary>Completes checks of the doctor; no host is asked.</summary>
public sealed class HostCheckCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        CheckCatalogue.Names.Select(n => new Completion(n.Id, n.Title));
}
