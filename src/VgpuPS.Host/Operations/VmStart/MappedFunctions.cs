namespace VgpuPS.Host.Operations.VmStart;

/// <summary>Functions of one GPU in the cluster's mappings, as the hardware describes them now.</summary>
internal static class MappedFunctions
{
    /// <summary>Entries of this node for functions of a GPU, with vendor, device and IOMMU group; nulls where it has
    /// none.</summary>
    public static IReadOnlyList<MappedFunction> Find(HostPorts host, PhysicalFunction gpu)
    {
        var mappings = host.Proxmox.ReadMappings();
        var found = new List<MappedFunction>();
        foreach (var mapping in mappings.ById.Values.OrderBy(m => m.Id, StringComparer.Ordinal))
        {
            foreach (var path in mapping.ForNode(host.Proxmox.Node).SelectMany(e => e.Paths))
            {
                if (PciAddress.TryParse(path, out var address) && gpu.IndexOf(address) is not null)
                {
                    var facts = host.Devices.FindFacts(address);
                    found.Add(new MappedFunction(
                        mapping.Id, address, facts is null ? null : $"{facts.VendorId}:{facts.DeviceId}",
                        facts?.IommuGroup));
                }
            }
        }

        return found;
    }

    /// <summary>
    /// Compares with before the functions were recreated; Proxmox refuses a mapping that does not match.
    /// </summary>
    /// <exception cref="HostNotReadyException">An entry is not what it was.</exception>
    public static void Compare(IReadOnlyList<MappedFunction> before, IReadOnlyList<MappedFunction> now)
    {
        foreach (var (old, after) in before.Zip(now).Where(p => p.First != p.Second))
        {
            throw new HostNotReadyException(
                ErrorIds.MappingNotFound,
                $"function {old.Function} of mapping {old.Mapping} differs from what it was before the functions were "
                    + $"recreated: {old.Text}, now {after.Text}",
                "prepare the GPU while no VM of the mapping runs, and correct the mapping then: "
                    + $"pvesh get /cluster/mapping/pci/{old.Mapping}",
                old.Mapping);
        }
    }
}

/// <summary>A function in a mapping.</summary>
/// <param name="Mapping">Id of the mapping.</param>
/// <param name="Function">The function.</param>
/// <param name="Ids">Vendor and device; null where the function does not exist.</param>
/// <param name="IommuGroup">IOMMU group; null when it has none.</param>
internal sealed record MappedFunction(string Mapping, PciAddress Function, string? Ids, int? IommuGroup)
{
    /// <summary>For display.</summary>
    public string Text => $"{Ids ?? "none"}, IOMMU group {(IommuGroup is { } group ? $"{group}" : "none")}";
}
