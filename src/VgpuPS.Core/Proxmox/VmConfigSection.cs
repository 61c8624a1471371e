namespace VgpuPS.Core.Proxmox;

/// <summary>What Proxmox keeps of one section of a VM's configuration.</summary>
/// <param name="Id">Which section.</param>
/// <param name="Values">Kept values by key, of duplicates the last that parses; the description is not in it.</param>
/// <param name="HostPci">The kept <c>hostpciN</c> entries in ascending index.</param>
/// <param name="Description">The free text, decoded; null without one.</param>
/// <param name="DeleteText">The <c>delete:</c> line of the pending section as written; null without one.</param>
/// <param name="SnapshotState"><c>prepare</c> or <c>delete</c> while a snapshot is made or removed; else null.</param>
public sealed record VmConfigSection(
    VmConfigSectionId Id,
    IReadOnlyDictionary<string, string> Values,
    IReadOnlyList<HostPciEntry> HostPci,
    string? Description,
    string? DeleteText,
    string? SnapshotState)
{
    /// <summary>The value of a key, or null.</summary>
    public string? this[string key] => key == "description" ? Description : Values.GetValueOrDefault(key);

    /// <summary>All keys that Proxmox keeps, in ordinal order; the description counts as one.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            IEnumerable<string> keys = Description is null ? Values.Keys : Values.Keys.Append("description");
            return [.. keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The keys that <c>delete:</c> names, in order.</summary>
    public IReadOnlyList<string> Deletions =>
        [.. (DeleteText ?? "").Split([',', ';', ' ', '\t', '\0'], StringSplitOptions.RemoveEmptyEntries)
            .Select(key => key.TrimStart('!'))];

    /// <summary>This section with the changes of a pending one: its deletions, then its values.</summary>
    internal VmConfigSection With(VmConfigSection pending)
    {
        var deleted = pending.Deletions.ToHashSet(StringComparer.Ordinal);
        var values = Values.Where(v => !deleted.Contains(v.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (key, value) in pending.Values)
        {
            values[key] = value;
        }

        return this with
        {
            Values = values,
            HostPci =
            [
                .. HostPci.Where(e => !deleted.Contains(e.Key) && pending.HostPciAt(e.Index) is null)
                    .Concat(pending.HostPci).OrderBy(e => e.Index),
            ],
            Description = pending.Description ?? (deleted.Contains("description") ? null : Description),
        };
    }

    /// <summary>The entry of that index, or null.</summary>
    public HostPciEntry? HostPciAt(int index) => HostPci.FirstOrDefault(entry => entry.Index == index);
}

/// <summary>Which section of a VM's configuration.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Name of a snapshot, special or unknown section; empty for the other two kinds.</param>
public readonly record struct VmConfigSectionId(VmConfigSectionKind Kind, string Name);

/// <summary>Kinds of sections in a VM's configuration.</summary>
public enum VmConfigSectionKind
{
    /// <summary>The lines before the first bracket line: what is in effect.</summary>
    Main,

    /// <summary><c>[PENDING]</c>: changes that wait for the next cold start.</summary>
    Pending,

    /// <summary><c>[special:cloudinit]</c> or <c>[special:fleecing]</c>.</summary>
    Special,

    /// <summary>A snapshot.</summary>
    Snapshot,

    /// <summary>Any other bracket line; its lines are skipped.</summary>
    Unknown,
}
