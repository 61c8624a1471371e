namespace VgpuPS.Core.Proxmox;

/// <summary>
/// What the entries of a mapping become on one node: functions that are there have an entry as the hardware is, those
/// that are gone have none. Entries of other nodes, other vendors and other devices are kept as they were read.
/// </summary>
/// <param name="Map">All entries of the mapping, in the order in which Proxmox tries them; new ones at the end.</param>
/// <param name="Added">Functions that get an entry.</param>
/// <param name="Removed">Functions that lose theirs.</param>
/// <param name="Corrected">Functions whose entry did not match the hardware.</param>
/// <param name="Kept">Functions that are gone, and whose entry stays because a VM has them.</param>
/// <remarks>Source: facts/cluster.md D1-D3: a write replaces all entries of a mapping.</remarks>
public sealed record MappingEntries(
    IReadOnlyList<string> Map, IReadOnlyList<PciAddress> Added, IReadOnlyList<PciAddress> Removed,
    IReadOnlyList<PciAddress> Corrected, IReadOnlyList<PciAddress> Kept)
{
    /// <summary>Whether anything is other than it was.</summary>
    public bool IsChanged => Added.Count + Removed.Count + Corrected.Count > 0;

    /// <summary>Plans it.</summary>
    /// <param name="map">The entries as they stand, each the value of its line.</param>
    /// <param name="node">The node.</param>
    /// <param name="there">Functions that must have an entry, as the hardware is.</param>
    /// <param name="isOurs">Whether a function is, or was, one of a GPU that the mapping is about.</param>
    /// <param name="isHeld">Whether a running or starting VM has a function.</param>
    public static MappingEntries Plan(
        IReadOnlyList<string> map, string node, IReadOnlyList<PciDeviceFacts> there, Func<PciAddress, bool> isOurs,
        Func<PciAddress, bool> isHeld)
    {
        var left = there.ToDictionary(f => f.Address);
        var (result, removed, corrected, kept) =
            (new List<string>(), new List<PciAddress>(), new List<PciAddress>(), new List<PciAddress>());
        foreach (var text in map)
        {
            if (PciMappings.ParseEntry(text).Entry is not { } entry || entry.Node != node || !entry.IsNvidia
                || !PciAddress.TryParse(entry.Path, out var address) || !isOurs(address))
            {
                result.Add(text);
            }
            else if (left.Remove(address, out var facts))
            {
                var now = Describe(facts, node) with { Description = entry.Description };
                var isRight = now == entry;
                result.Add(isRight ? text : now.ToString());
                corrected.AddRange(isRight ? [] : [address]);
            }
            else if (there.Any(f => f.Address == address))
            {
                // The same function twice: the first entry is the one that counts.
                removed.Add(address);
            }
            else if (isHeld(address))
            {
                result.Add(text);
                kept.Add(address);
            }
            else
            {
                removed.Add(address);
            }
        }

        var added = there.Where(f => left.ContainsKey(f.Address)).ToList();
        result.AddRange(added.Select(f => Describe(f, node).ToString()));
        return new MappingEntries(result, [.. added.Select(f => f.Address)], removed, corrected, kept);
    }

    /// <summary>The entry of a function, as Proxmox compares it with the hardware.</summary>
    public static PciMappingEntry Describe(PciDeviceFacts facts, string node) => new(
        node, facts.Address.ToString(), $"{facts.VendorId}:{facts.DeviceId}",
        facts is { SubsystemVendorId: { } vendor, SubsystemDeviceId: { } device } ? $"{vendor}:{device}" : null,
        facts.IommuGroup?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Functions for display: a few by address, many as a count with the first and the last.</summary>
    public static string Text(IReadOnlyList<PciAddress> functions) => functions.Count switch
    {
        <= 3 => string.Join(", ", functions),
        var count => string.Create(
            CultureInfo.InvariantCulture, $"{count} functions ({functions.Min()} to {functions.Max()})"),
    };
}
