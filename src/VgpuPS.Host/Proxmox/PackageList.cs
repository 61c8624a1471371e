using System.Text;
using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Proxmox;

/// <summary>Debian's list of packages, of which one paragraph is read and the other thousands are passed over.</summary>
internal static class PackageList
{
    /// <summary>Version of an installed package; null when it is not.</summary>
    public static string? FindVersion(ReadOnlySpan<byte> list, string package)
    {
        var field = Encoding.ASCII.GetBytes($"Package: {package}\n");
        for (var offset = 0; offset < list.Length;)
        {
            var found = list[offset..].IndexOf(field);
            if (found < 0)
            {
                return null;
            }

            var start = offset + found;
            var length = list[start..].IndexOf("\n\n"u8);
            var paragraph = length < 0 ? list[start..] : list.Slice(start, length + 1);
            if ((start == 0 || list[start - 1] == '\n')
                && DpkgStatus.InstalledVersion(paragraph, package) is { } version)
            {
                return version;
            }

            offset = start + field.Length;
        }

        return null;
    }
}
