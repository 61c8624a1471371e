namespace VgpuPS.Completers;

/// <summary>Completes storages of the node that can hold snippets.</summary>
public sealed class StorageCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from storage in report.Choices?.SnippetStorages ?? []
        select new Completion(storage, $"{storage}: snippets on {report.Node}, {report.VgpuHost}");
}
