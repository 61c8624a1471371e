using System.Text;

namespace VgpuPS.Core.Proxmox;

/// <summary>Writes a VM's configuration as Proxmox does: sorted, and without what it dropped.</summary>
/// <remarks>
/// Source: facts/proxmox.md (b), write_vm_config, and recordings of it, in which <c>[special:fleecing]</c> stays, empty
/// as it is, and <c>[special:cloudinit]</c> of a VM without such a drive disappears; that it stays with one is assumed.
/// Assumed: the escaped characters of the description are control characters, <c>%</c>, <c>:</c> and all beyond ASCII.
/// </remarks>
public static class VmConfigWriter
{
    /// <summary>The whole new content of the file, in UTF-8.</summary>
    public static byte[] Write(VmConfig config)
    {
        var text = new StringBuilder();
        Append(text, config.Main);
        if (!IsEmpty(config.Pending))
        {
            text.Append("\n[PENDING]\n");
            Append(text, config.Pending);
        }

        foreach (var (name, section) in config.SpecialSections.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Where(pair => pair.Key != "cloudinit" || (pair.Value.Values.Count > 0 && HasCloudInit(config.Main))))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[special:{name}]\n");
            Append(text, section);
        }

        foreach (var (name, snapshot) in config.Snapshots.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[{name}]\n");
            Append(text, snapshot);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static bool IsEmpty(VmConfigSection section) =>
        section is { Values.Count: 0, Description: null, DeleteText: null };

    private static bool HasCloudInit(VmConfigSection main) =>
        main.Values.Values.Any(value => value.Contains("cloudinit", StringComparison.Ordinal)
            && value.Contains("media=cdrom", StringComparison.Ordinal));

    private static void Append(StringBuilder text, VmConfigSection section)
    {
        foreach (var line in section.Description is { Length: > 0 } description ? description.Split('\n') : [])
        {
            text.Append('#').Append(Escape(line)).Append('\n');
        }

        var lines = new SortedDictionary<string, string>(
            section.Values.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
        if (section.DeleteText is { } delete)
        {
            lines["delete"] = delete;
        }

        if (section.SnapshotState is { } state)
        {
            lines["snapstate"] = state;
        }

        foreach (var (key, value) in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{key}: {value}\n");
        }
    }

    private static string Escape(string line)
    {
        var escaped = new StringBuilder(line.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(line))
        {
            if (unit is < 0x20 or >= 0x7F or (byte)'%' or (byte)':')
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
            else
            {
                escaped.Append((char)unit);
            }
        }

        return escaped.ToString();
    }
}
