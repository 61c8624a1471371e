namespace VgpuPS.Core.Guests;

/// <summary>One storage of the cluster, as far as snippets are concerned.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its type: <c>dir</c>, <c>nfs</c> ….</param>
/// <param name="Path">Its directory; null for a storage that is none.</param>
/// <param name="Content">Content types that are switched on.</param>
/// <param name="SnippetsFolder">Directory of snippets below <paramref name="Path"/>.</param>
/// <param name="Nodes">The nodes that have it; empty for all.</param>
/// <param name="IsDisabled">Whether it is switched off.</param>
/// <param name="IsShared">Whether all nodes that have it see the same files.</param>
public sealed record StorageEntry(
    string Id,
    string Type,
    string? Path,
    IReadOnlyList<string> Content,
    string SnippetsFolder,
    IReadOnlyList<string> Nodes,
    bool IsDisabled,
    bool IsShared = false)
{
    /// <summary>Whether Proxmox lists and accepts snippets on it.</summary>
    public bool AllowsSnippets => Path is not null && Content.Contains("snippets", StringComparer.Ordinal);
}
