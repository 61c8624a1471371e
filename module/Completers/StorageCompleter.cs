namespace VgpuPS.Completers;

/// <summary>Completes storages of the node that can hold snippets.</summary>
public sealed class StorageCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from inventory in Read(bound)
        from storage in inventory.Report.Choices?.SnippetStorages ?? []
        select new Completion(storage, $"{storage}: snippets on {inventory.Report.Node}, {inventory.Name}");
}
