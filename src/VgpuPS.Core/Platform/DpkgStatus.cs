using System.Text;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Platform;

/// <summary>A package that is fully installed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Provides">Names of packages that it stands for as well.</param>
public sealed record InstalledPackage(string Name, string Version, IReadOnlyList<string> Provides);

/// <summary>Debian's list of packages.</summary>
/// <remarks>Source: assumed, deb-control(5) and dpkg(1): /var/lib/dpkg/status; a paragraph begins with its Package
/// field.</remarks>
public static class DpkgStatus
{
    /// <summary>Where it is.</summary>
    public const string Path = "/var/lib/dpkg/status";

    /// <summary>The version of a package that is installed; its paragraph is read, the other thousands are passed
    /// over.</summary>
    /// <param name="raw">The file.</param>
    /// <param name="package">Name of the package.</param>
    /// <returns>The version text; null when the package is not there, removed or not fully installed.</returns>
    public static string? FindVersion(ReadOnlySpan<byte> raw, string package)
    {
        var field = Encoding.ASCII.GetBytes($"Package: {package}\n");
        for (var offset = 0; offset < raw.Length;)
        {
            var found = raw[offset..].IndexOf(field);
            if (found < 0)
            {
                return null;
            }

            var start = offset + found;
            var length = raw[start..].IndexOf("\n\n"u8);
            var paragraph = length < 0 ? raw[start..] : raw.Slice(start, length + 1);
            if ((start == 0 || raw[start - 1] == '\n') && ReadInstalled(paragraph) is [var installed])
            {
                return installed.Version;
            }

            offset = start + field.Length;
        }

        return null;
    }

    /// <summary>All packages that are fully installed.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 16 MiB.</exception>
    public static IReadOnlyList<InstalledPackage> ReadInstalled(ReadOnlySpan<byte> raw)
    {
        var packages = new List<InstalledPackage>();
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in PveText.Lines(raw, "the list of packages").Append(""))
        {
            if (PveText.IsBlank(line))
            {
                if (PveText.Words(fields.GetValueOrDefault("Status", "")) is [_, _, "installed"]
                    && fields.TryGetValue("Package", out var name)
                    && fields.TryGetValue("Version", out var version) && version.Length > 0)
                {
                    packages.Add(new InstalledPackage(name, version, Names(fields.GetValueOrDefault("Provides", ""))));
                }

                fields.Clear();
            }
            else if (!PveText.IsBlank(line[0]) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields.TryAdd(line[..colon], PveText.Trim(line[(colon + 1)..]));
            }
        }

        return packages;
    }

    // Each may have the version that is provided: linux-headers (= 6.8).
    private static string[] Names(string list) =>
        [.. list.Split(',').Select(n => n.Split('(')[0].Trim()).Where(n => n.Length > 0)];
}
