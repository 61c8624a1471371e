namespace VgpuPS.Completers;

/// <summary>Completes cluster mappings that are marked for mediated devices and have functions of the node.</summary>
public sealed class MappingCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from mapping in report.Choices?.Mappings ?? []
        where mapping.IsMediated
        select new Completion(
            mapping.Id, $"{mapping.Id}: {mapping.Functions.Count} functions on {report.Node}, {report.VgpuHost}");
}
