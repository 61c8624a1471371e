using System.Text.RegularExpressions;

namespace VgpuPS.Core.Proxmox;

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

/// <summary>Where a volume id of a snippet leads to, or Proxmox's refusal.</summary>
/// <param name="Path">Path of the file, which need not exist; null with an error.</param>
/// <param name="IsListed">Whether the storage has the content type snippets enabled; Proxmox runs a hookscript
/// from it either way, but neither lists nor uploads one.</param>
/// <param name="Error">Why Proxmox would not run it as hookscript, or null.</param>
public sealed record SnippetVolume(string? Path, bool IsListed, string? Error);

/// <summary>Our hook as a volume of a snippets storage.</summary>
public static class HookVolume
{
    /// <summary>Name of the file in a snippets folder.</summary>
    public const string FileName = "vgpu-hook";

    /// <summary>The program that the package installs; a snippet is a copy of it, or a link to it.</summary>
    public const string InstalledPath = "/usr/lib/vgpups/vgpu-hook";

    /// <summary>The volume id on a storage: <c>local:snippets/vgpu-hook</c>.</summary>
    public static string On(string storage) => $"{storage}:snippets/{FileName}";

    /// <summary>Whether a volume id has our file name, whatever the storage.</summary>
    public static bool IsOurs(string? volumeId) =>
        volumeId is not null && volumeId.EndsWith($":snippets/{FileName}", StringComparison.Ordinal);
}
