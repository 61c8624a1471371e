namespace VgpuPS.Core.Guests;

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
