using System.Text;
using System.Text.RegularExpressions;

namespace VgpuPS.Core.Proxmox;

/// <summary>Reads <c>/etc/pve/qemu-server/VMID.conf</c> as Proxmox does.</summary>
/// <remarks>
/// Source: facts/proxmox.md (b), parse_vm_config, and recordings of it. A line that cannot be read is dropped with a
/// warning; there is no file, short of a far too large one, that cannot be read at all.
/// </remarks>
public static partial class VmConfigReader
{
    internal const string What = "the VM configuration";

    /// <summary>Reads a configuration from its bytes.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 1 MiB.</exception>
    public static VmConfig Read(ReadOnlySpan<byte> raw, PveGeneration generation)
    {
        var file = new VmConfigDraft(generation);
        var number = 0;
        foreach (var line in PveText.Lines(raw, What, PveText.MaxClusterFileBytes))
        {
            number++;
            if (PveText.IsBlank(line))
            {
                continue;
            }

            if (SectionHeader().Match(line) is { Success: true } header)
            {
                file.Open(number, line, SectionOf(header.Groups[1].Value));
            }
            else if (file.Section.Id.Kind != VmConfigSectionKind.Unknown)
            {
                file.Add(number, line);
            }
        }

        return file.ToConfig();
    }

    /// <summary>Reads a configuration from text, whose bytes are taken as UTF-8.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 1 MiB.</exception>
    public static VmConfig Read(string text, PveGeneration generation) =>
        Read(Encoding.UTF8.GetBytes(text), generation);

    /// <summary>The name alone, for those who ask many VMs for it; null for none.</summary>
    public static string? FindName(ReadOnlySpan<byte> raw)
    {
        var key = "name:"u8;
        string? name = null;
        while (!raw.IsEmpty)
        {
            var end = raw.IndexOf((byte)'\n');
            var line = end < 0 ? raw : raw[..end];
            if (line.StartsWith("["u8) && SectionHeader().IsMatch(PveText.Decode(line)))
            {
                break;
            }

            if (line.StartsWith(key) && PveText.Trim(PveText.Decode(line[key.Length..])) is { Length: > 0 } value)
            {
                name = value;
            }

            raw = end < 0 ? [] : raw[(end + 1)..];
        }

        return name;
    }

    private static VmConfigSectionId SectionOf(string name)
    {
        if (name.Equals("PENDING", StringComparison.OrdinalIgnoreCase))
        {
            return new VmConfigSectionId(VmConfigSectionKind.Pending, "");
        }

        foreach (var special in (string[])["cloudinit", "fleecing"])
        {
            if (name.Equals("special:" + special, StringComparison.OrdinalIgnoreCase))
            {
                return new VmConfigSectionId(VmConfigSectionKind.Special, special);
            }
        }

        return PropertyRule.IsConfigurationId(name)
            ? new VmConfigSectionId(VmConfigSectionKind.Snapshot, name)
            : new VmConfigSectionId(VmConfigSectionKind.Unknown, name);
    }

    [GeneratedRegex(@"^\[([^\]]*)\][ \t\f\v\r]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SectionHeader();
}
