namespace VgpuPS.Core.Proxmox;

/// <summary>Finds the devices that a <c>hostpciN</c> entry names.</summary>
/// <remarks>Source: facts/proxmox.md (b) and (c), parse_hostpci, and recordings of it.</remarks>
public static class HostPciChoices
{
    /// <summary>The functions that an id of a <c>host</c> list or <c>path</c> takes in.</summary>
    /// <param name="id">An id; without domain in domain 0, without function all functions of the device.</param>
    /// <param name="devices">The functions that exist.</param>
    /// <returns>The functions in the order of their names; empty when none exists.</returns>
    public static IReadOnlyList<PciAddress> Expand(string id, IEnumerable<PciAddress> devices)
    {
        var full = id.Count(c => c == ':') == 1 ? "0000:" + id : id;
        var prefix = full.Contains('.', StringComparison.Ordinal) ? full : full + ".";
        return [.. devices.Select(device => (Device: device, Name: device.ToString()))
            .Where(device => device.Name.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(device => device.Name, StringComparer.Ordinal)
            .Select(device => device.Device)];
    }

    /// <summary>The functions that an entry names by their addresses; none for one with a mapping.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="devices">The functions that exist, for ids without a function.</param>
    public static IEnumerable<PciAddress> Named(HostPciEntry entry, Lazy<IReadOnlyList<PciAddress>> devices) =>
        entry.Hosts.SelectMany(h => PciAddress.TryParse(h, out var address) ? [address] : Expand(h, devices.Value));

    /// <summary>The devices of an entry on one node.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="mappings">The cluster's mappings.</param>
    /// <param name="node">Name of the own node.</param>
    /// <param name="addresses">The node's PCI functions.</param>
    /// <param name="findFacts">Facts about one of them; asked about those that a mapping names.</param>
    /// <param name="generation">The qemu-server that chooses.</param>
    public static HostPciChoice For(
        HostPciEntry entry,
        PciMappings mappings,
        string node,
        IReadOnlyList<PciAddress> addresses,
        Func<PciAddress, PciDeviceFacts?> findFacts,
        PveGeneration generation)
    {
        if (entry.ChoiceError is { } choiceError)
        {
            return Refused(choiceError);
        }

        if (entry.Mapping is null)
        {
            return Collect(entry, [(entry.Hosts, null)], addresses, false);
        }

        if (mappings.Find(entry.Mapping) is not { } mapping || mapping.ForNode(node) is not { Count: > 0 } entries)
        {
            return Refused($"PCI device mapping not found for '{entry.Mapping}'");
        }

        var devices = entries.SelectMany(candidate => candidate.Paths).Select(path =>
            PciAddress.TryParse(PciMappingCheck.NameOf(path), out var address) ? findFacts(address) : null)
            .OfType<PciDeviceFacts>().ToList();
        foreach (var candidate in entries)
        {
            if (PciMappingCheck.FirstError(mapping, candidate, devices, generation) is { } error)
            {
                return Refused($"PCI device mapping invalid (hardware probably changed): {error}");
            }
        }

        return Collect(
            entry, entries.Select(candidate => (candidate.Paths, (PciMappingEntry?)candidate)), addresses,
            mapping.IsLiveMigrationCapable && generation.KnowsLiveMigrationCapable);
    }

    private static HostPciChoice Collect(
        HostPciEntry entry,
        IEnumerable<(IReadOnlyList<string> Ids, PciMappingEntry? Entry)> candidates,
        IReadOnlyList<PciAddress> devices,
        bool isLiveMigrationCapable)
    {
        var alternatives = new List<HostPciAlternative>();
        foreach (var (ids, mapped) in candidates)
        {
            var functions = new List<PciAddress>();
            foreach (var id in ids)
            {
                if (Expand(id, devices) is not { Count: > 0 } found)
                {
                    return Refused($"no PCI device found for '{id}'");
                }

                functions.AddRange(found);
            }

            alternatives.Add(new HostPciAlternative(functions));
        }

        var choice = new HostPciChoice(alternatives, isLiveMigrationCapable, null);
        return entry.Mdev is not null && choice.IsMultifunction
            ? Refused("cannot use mediated device with multifunction device")
            : choice;
    }

    private static HostPciChoice Refused(string error) => new([], false, error);
}

/// <summary>The devices among which Proxmox chooses for a <c>hostpciN</c> entry, or its refusal.</summary>
/// <param name="Alternatives">Alternatives in the order in which they are tried; empty with an error.</param>
/// <param name="IsLiveMigrationCapable">Whether the mapping says so.</param>
/// <param name="Error">Proxmox's text, or null.</param>
public sealed record HostPciChoice(
    IReadOnlyList<HostPciAlternative> Alternatives, bool IsLiveMigrationCapable, string? Error)
{
    /// <summary>Whether the functions of an alternative become functions of one guest device.</summary>
    public bool IsMultifunction => Alternatives.Any(alternative => alternative.Functions.Count > 1);
}

/// <summary>Functions that are passed to the guest together.</summary>
/// <param name="Functions">The functions in Proxmox's order; one for a vGPU.</param>
public sealed record HostPciAlternative(IReadOnlyList<PciAddress> Functions);
