using System.Text.RegularExpressions;

namespace VgpuPS.Core.Guests;

/// <summary>Volume ids of snippets, such as <c>local:snippets/vgpu-hook</c>.</summary>
public static partial class SnippetVolumes
{
    /// <summary>Whether the text has the form <c>storage:volume</c>.</summary>
    /// <remarks>Source: assumed, PVE::Storage::Plugin::parse_volume_id.</remarks>
    public static bool IsVolumeId(string text) => VolumeId().IsMatch(text);

    [GeneratedRegex(@"^([a-zA-Z][a-zA-Z0-9_.-]*[a-zA-Z0-9]):([^\r\n]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex VolumeId();
}
