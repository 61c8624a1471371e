using System.Text.RegularExpressions;

namespace VgpuPS.Core.Guests;

/// <summary>Volume ids of snippets, such as <c>local:snippets/vgpu-hook</c>.</summary>
public static partial class SnippetVolumes
{
    /// <summary>Whether the text has the form <c>storage:volume</c>.</summary>
    /// <remarks>Source: assumed, PVE::Storage::Plugin::parse_volume_id.</remarks>
    public static bool IsVolumeId(string text) => VolumeId().IsMatch(text);

    /// <summary>Resolves a volume id to a path.</summary>
    /// <param name="volumeId">The id, such as a VM's <c>hookscript</c>.</param>
    /// <param name="storages">The cluster's storages.</param>
    /// <remarks>
    /// Source: facts/proxmox.md (a), PVE::GuestHelpers::check_hookscript: the storage is not activated, its content
    /// types and nodes are not asked. Assumed: the texts, but for that of another content type, which is recorded.
    /// </remarks>
    public static SnippetVolume Resolve(string volumeId, StorageConfig storages)
    {
        if (VolumeId().Match(volumeId) is not { Success: true } match)
        {
            return Refused($"unable to parse volume ID '{volumeId}'");
        }

        if (storages.Find(match.Groups[1].Value) is not { } storage)
        {
            return Refused($"storage '{match.Groups[1].Value}' does not exist");
        }

        if (storage.Path is null
            || match.Groups[2].Value.Split('/') is not ["snippets", { Length: > 0 } and not ("." or "..") and var name])
        {
            return Refused($"'{volumeId}' is not in the snippets directory");
        }

        return new SnippetVolume($"{storage.Path}/{storage.SnippetsFolder}/{name}", storage.AllowsSnippets, null);
    }

    private static SnippetVolume Refused(string error) => new(null, false, error);

    [GeneratedRegex(@"^([a-zA-Z][a-zA-Z0-9_.-]*[a-zA-Z0-9]):([^\r\n]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex VolumeId();
}
