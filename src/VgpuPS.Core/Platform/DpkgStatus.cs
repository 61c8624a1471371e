using VgpuPS.Core.Errors;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Platform;

/// <summary>Debian's list of packages.</summary>
/// <remarks>Source: assumed, deb-control(5) and dpkg(1): /var/lib/dpkg/status.</remarks>
public static class DpkgStatus
{
    /// <summary>The version of a package that is installed.</summary>
    /// <param name="raw">The file.</param>
    /// <param name="package">Name of the package.</param>
    /// <returns>The version text; null when the package is not there, removed or not fully installed.</returns>
    /// <exception cref="UnreadableDataException">The file has more than 16 MiB.</exception>
    public static string? InstalledVersion(ReadOnlySpan<byte> raw, string package)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in PveText.Lines(raw, "The list of packages").Append(""))
        {
            if (PveText.IsBlank(line))
            {
                if (fields.GetValueOrDefault("Package") == package
                    && PveText.Words(fields.GetValueOrDefault("Status", "")) is [_, _, "installed"]
                    && fields.TryGetValue("Version", out var version) && version.Length > 0)
                {
                    return version;
                }

                fields.Clear();
            }
            else if (!PveText.IsBlank(line[0]) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields.TryAdd(line[..colon], PveText.Trim(line[(colon + 1)..]));
            }
        }

        return null;
    }
}
