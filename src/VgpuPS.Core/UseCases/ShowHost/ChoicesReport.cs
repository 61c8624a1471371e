namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>What a person can choose from for a VM's vGPU, beside what is on the GPUs.</summary>
/// <param name="Mappings">Cluster mappings with functions of the node, ascending id.</param>
/// <param name="SnippetStorages">Storages that can hold the hook on the node, ascending id.</param>
public sealed record ChoicesReport(IReadOnlyList<MappingReport> Mappings, IReadOnlyList<string> SnippetStorages);
