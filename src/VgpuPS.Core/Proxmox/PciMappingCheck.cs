namespace VgpuPS.Core.Proxmox;

/// <summary>Whether a mapping's entry still describes the hardware.</summary>
/// <remarks>
/// Source: facts/proxmox.md (c), assert_valid, and recordings of it. Assumed: the text for a property that is
/// configured though the hardware has none.
/// </remarks>
public static class PciMappingCheck
{
    /// <summary>Checks one entry.</summary>
    /// <param name="mapping">The mapping, for its name and flag.</param>
    /// <param name="entry">One of its entries for the own node.</param>
    /// <param name="devices">The node's PCI functions.</param>
    /// <param name="generation">The qemu-server that checks.</param>
    /// <returns>Proxmox's first complaint, or null when all is as the entry says.</returns>
    public static string? FirstError(
        PciMapping mapping,
        PciMappingEntry entry,
        IReadOnlyCollection<PciDeviceFacts> devices,
        PveGeneration generation)
    {
        var isFirst = true;
        foreach (var path in entry.Paths)
        {
            var name = NameOf(path);
            if (devices.FirstOrDefault(candidate => candidate.Address.ToString() == name) is not { } device)
            {
                return $"pci device '{name}' not found";
            }

            if (Expectations(mapping, entry, device, generation)
                .Where(expectation => isFirst || expectation.Property != "iommugroup")
                .Select(expectation => Complaint(mapping, name, expectation))
                .FirstOrDefault(complaint => complaint is not null) is { } error)
            {
                return error;
            }

            isFirst = false;
        }

        return null;
    }

    /// <summary>The function that a path stands for: the first one where it names none.</summary>
    internal static string NameOf(string path) => path.Contains('.', StringComparison.Ordinal) ? path : path + ".0";

    private static IEnumerable<(string Property, string? Hardware, string? Configured)> Expectations(
        PciMapping mapping, PciMappingEntry entry, PciDeviceFacts device, PveGeneration generation)
    {
        yield return ("id", $"{device.VendorId}:{device.DeviceId}", entry.Id);
        yield return ("iommugroup", device.IommuGroup?.ToString(CultureInfo.InvariantCulture), entry.IommuGroup);
        if (generation.ChecksMappingMdevFlag)
        {
            yield return ("mdev", device.CanCarryVgpu ? "1" : "0", mapping.IsMediated ? "1" : "0");
        }

        yield return (
            "subsystem-id",
            device is { SubsystemVendorId: { } vendor, SubsystemDeviceId: { } model } ? $"{vendor}:{model}" : null,
            entry.SubsystemId);
    }

    private static string? Complaint(
        PciMapping mapping, string name, (string Property, string? Hardware, string? Configured) expectation) =>
        expectation switch
        {
            (_, null, null) => null,
            (var property, not null, null) => $"missing expected property '{property}' for device '{name}'",
            (var property, null, not null) => $"unexpected property '{property}' configured for device '{name}'",
            var (property, hardware, configured) when hardware != configured =>
                $"'{property}' does not match for '{mapping.Id}' ({hardware} != {configured})",
            _ => null,
        };
}
