using System.Globalization;
using VgpuPS.Core.Pci;

namespace VgpuPS.Host.Sysfs;

public sealed partial class SysfsPciDevices
{
    /// <summary>What Proxmox compares a mapping's entry with; null when the device does not exist.</summary>
    /// <param name="address">Its address.</param>
    public PciDeviceFacts? FindFacts(PciAddress address)
    {
        if (ReadId(address, "vendor") is not { } vendor || ReadId(address, "device") is not { } device)
        {
            return null;
        }

        var group = _reader.ReadLinkName(SysfsPaths.Of(address, "iommu_group"));
        return new PciDeviceFacts(
            address, vendor, device, ReadId(address, "subsystem_vendor"), ReadId(address, "subsystem_device"),
            int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            _reader.Exists(SysfsPaths.Of(address, "mdev_supported_types"))
                || _reader.Exists(SysfsPaths.Of(address, "nvidia")));
    }

    private string? ReadId(PciAddress address, string attribute) =>
        _reader.ReadHex(SysfsPaths.Of(address, attribute))?.ToString("x4", CultureInfo.InvariantCulture);
}
