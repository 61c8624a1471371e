using System.Collections.Frozen;

namespace VgpuPS.Core.Proxmox;

/// <summary>The keys of a VM's configuration and the checks of their values.</summary>
/// <remarks>
/// Source: pve-docs, qm.conf, as of Proxmox VE 8.4 and 9.2. Assumed: values of keys with an elaborate format of their
/// own (disks, network, CPU …) are taken as they are; a plain text loses a pair of double quotes around it.
/// </remarks>
internal static class VmConfigKeys
{
    private const string Booleans = "acpi allow-ksm autostart ciupgrade freeze keephugepages kvm localtime numa onboot "
        + "protection reboot tablet tdf template";

    private const string Integers = "balloon cores cpuunits migrate_speed shares smp snaptime sockets vcpus";

    private const string Numbers = "cpulimit migrate_downtime";

    private const string PlainTexts = "arch args bios citype description hugepages keyboard lock ostype parent "
        + "running-nets-host-mtu runningcpu scsihw vmstatestorage";

    private const string FormattedTexts = "affinity agent amd-sev audio0 boot bootdisk cdrom cicustom cipassword "
        + "ciuser cpu efidisk0 hookscript hotplug intel-tdx ivshmem machine memory meta name nameserver rng0 "
        + "runningmachine searchdomain smbios1 spice_enhancements sshkeys startdate startup tags tpmstate0 vga vmgenid "
        + "vmstate watchdog";

    private static readonly FrozenDictionary<string, Kind> s_single = Single();

    private static readonly FrozenDictionary<string, int> s_numbered = new Dictionary<string, int>
    {
        [HostPciGrammar.KeyPrefix] = HostPciGrammar.EntryCount,
        ["ide"] = 4,
        ["ipconfig"] = 32,
        ["net"] = 32,
        ["numa"] = 8,
        ["parallel"] = 3,
        ["sata"] = 6,
        ["scsi"] = 31,
        ["serial"] = 4,
        ["unused"] = 256,
        ["usb"] = 14,
        ["virtio"] = 16,
        ["virtiofs"] = 10,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private enum Kind
    {
        Boolean,
        Integer,
        Number,
        PlainText,
        FormattedText,
    }

    /// <summary>Whether Proxmox knows the key in this section.</summary>
    public static bool IsKnown(VmConfigSectionId section, string key) =>
        section is { Kind: VmConfigSectionKind.Special, Name: "fleecing" }
            ? key == "fleecing-images"
            : s_single.ContainsKey(key) || IsKnownNumbered(key);

    /// <summary>Checks the value of a known key other than <c>hostpciN</c>.</summary>
    /// <returns>The value as it is kept, or null with Proxmox's complaint.</returns>
    public static (string? Value, string? Error) Check(string key, string value)
    {
        if (value.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            return (null, "property contains a line feed");
        }

        switch (s_single.TryGetValue(key, out var kind) ? kind : Kind.FormattedText)
        {
            case Kind.Boolean:
                return PveText.Boolean(value) is { } flag
                    ? (flag ? "1" : "0", null)
                    : (null, $"type check ('boolean') failed - got '{value}'");
            case Kind.Integer:
                return value.All(char.IsAsciiDigit)
                    ? (WithoutLeadingZeros(value), null)
                    : (null, $"type check ('integer') failed - got '{value}'");
            case Kind.Number:
                return IsNumber(value) ? (value, null) : (null, $"type check ('number') failed - got '{value}'");
            case Kind.PlainText:
                return (value is ['"', .., '"'] ? value[1..^1] : value, null);
            default:
                return key == "hookscript" && !SnippetVolumes.IsVolumeId(value)
                    ? (null, $"unable to parse volume ID '{value}'")
                    : (value, null);
        }
    }

    private static bool IsKnownNumbered(string key)
    {
        var digits = key.AsSpan().IndexOfAnyInRange('0', '9');
        return digits > 0 && s_numbered.TryGetValue(key[..digits], out var count)
            && int.TryParse(key.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < count && (key[digits] != '0' || key.Length == digits + 1);
    }

    private static bool IsNumber(string value)
    {
        var parts = value.Split('.');
        return parts.Length <= 2 && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit));
    }

    private static string WithoutLeadingZeros(string digits) =>
        digits.TrimStart('0') is { Length: > 0 } rest ? rest : "0";

    private static FrozenDictionary<string, Kind> Single()
    {
        var kinds = new Dictionary<string, Kind>(StringComparer.Ordinal);
        foreach (var (keys, kind) in new[]
        {
            (Booleans, Kind.Boolean), (Integers, Kind.Integer), (Numbers, Kind.Number), (PlainTexts, Kind.PlainText),
            (FormattedTexts, Kind.FormattedText),
        })
        {
            foreach (var key in keys.Split(' '))
            {
                kinds.Add(key, kind);
            }
        }

        return kinds.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
