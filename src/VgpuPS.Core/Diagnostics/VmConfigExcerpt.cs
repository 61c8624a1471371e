namespace VgpuPS.Core.Diagnostics;

/// <summary>The lines of a VM's configuration that matter for vGPUs. What is not listed here is named and left out:
/// passwords and keys of cloud-init, descriptions, arguments, disks, networks.</summary>
/// <remarks>Source: facts/proxmox.md (b): keys of a configuration; description lines begin with #.</remarks>
public static class VmConfigExcerpt
{
    private static readonly HashSet<string> s_kept = new(StringComparer.Ordinal)
    {
        "affinity", "agent", "balloon", "bios", "cores", "cpu", "cpulimit", "cpuunits", "hookscript", "hugepages",
        "keephugepages", "lock", "machine", "memory", "name", "numa", "onboot", "ostype", "parent", "shares",
        "sockets", "startup", "template", "vcpus", "vga", "delete",
    };

    /// <summary>These lines.</summary>
    public static string Of(string text)
    {
        var kept = new List<string>();
        var left = new List<string>();
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0))
        {
            var key = line.Split(':', 2)[0].Trim();
            if (line.StartsWith('['))
            {
                // Names of snapshots are anybody's words.
                kept.Add(line.Equals("[PENDING]", StringComparison.OrdinalIgnoreCase) ? "[PENDING]" : "[snapshot]");
            }
            else if (line.StartsWith('#'))
            {
                left.Add("description");
            }
            else if (s_kept.Contains(key) || IsNumbered(key, "hostpci") || IsNumbered(key, "numa"))
            {
                kept.Add(line);
            }
            else
            {
                left.Add(key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? key : "a line without a key");
            }
        }

        var names = string.Join(", ", left.Distinct().Order(StringComparer.Ordinal));
        return string.Concat(kept.Select(l => l + "\n")) + (left.Count == 0 ? "" : $"# left out: {names}\n");
    }

    private static bool IsNumbered(string key, string name) => key.Length > name.Length
        && key.StartsWith(name, StringComparison.Ordinal) && key[name.Length..].All(char.IsAsciiDigit);
}
