namespace VgpuPS.Host.Sysfs;

/// <summary>
/// PCI devices, functions and mediated devices from sysfs; nothing is computed that the kernel reports.
/// </summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs writes that may block.</param>
/// <remarks>Source: facts/host-behaviour.md 1, facts/linux-and-build.md B.3 and B.4.</remarks>
public sealed partial class SysfsPciDevices(IHostFiles files, IProcessRunner processes)
{
    private readonly SysfsReader _reader = new(files);

    /// <summary>Whether <c>/sys/class/iommu</c> holds anything, which is what Proxmox asks before it gives a VM a PCI
    /// device.</summary>
    /// <remarks>Source: facts/proxmox.md (d). Groups below <c>/sys/kernel/iommu_groups</c> are no evidence: VFIO's mode
    /// without IOMMU has them too (assumed).</remarks>
    public bool IommuIsActive => _reader.List(SysfsPaths.Iommu).Count > 0;

    /// <summary>
    /// Whether NVIDIA's kernel driver is loaded and its device node is there: without them its library would load the
    /// one and make the other.
    /// </summary>
    /// <remarks>Source: assumed: nvidia-modprobe(1), which the library runs.</remarks>
    public bool DriverIsReady => _reader.Exists(SysfsPaths.DriverModule) && _reader.Exists(SysfsPaths.DriverNode);

    /// <summary>Addresses of all PCI devices, ascending.</summary>
    public IReadOnlyList<PciAddress> GetAddresses()
    {
        var addresses = new List<PciAddress>();
        foreach (var name in _reader.List(SysfsPaths.Devices))
        {
            if (PciAddress.TryParse(name, out var address))
            {
                addresses.Add(address);
            }
        }

        addresses.Sort();
        return addresses;
    }

    /// <summary>Vendor, class, driver and parent of one device; null when it does not exist.</summary>
    /// <param name="address">Its address.</param>
    public PciDevice? Find(PciAddress address)
    {
        if (_reader.ReadHex(SysfsPaths.Of(address, "vendor")) is not { } vendor
            || _reader.ReadHex(SysfsPaths.Of(address, "device")) is not { } device
            || _reader.ReadHex(SysfsPaths.Of(address, "class")) is not { } deviceClass)
        {
            return null;
        }

        return new PciDevice(
            address, vendor, device, deviceClass, ReadDriver(address),
            _reader.ReadLinkAddress(SysfsPaths.Of(address, "physfn")));
    }

    /// <summary>A device's PCI Express link; null where the kernel does not know it.</summary>
    /// <param name="address">Its address.</param>
    public PcieLink? FindLink(PciAddress address) => PcieLink.Parse(
        _reader.ReadText(SysfsPaths.Of(address, "current_link_speed")),
        _reader.ReadText(SysfsPaths.Of(address, "current_link_width")),
        _reader.ReadText(SysfsPaths.Of(address, "max_link_speed")),
        _reader.ReadText(SysfsPaths.Of(address, "max_link_width")));

    /// <summary>NVIDIA's display devices that are no virtual functions, ascending.</summary>
    public IReadOnlyList<PhysicalFunction> GetGpus()
    {
        var gpus = new List<PhysicalFunction>();
        foreach (var address in GetAddresses())
        {
            // Link and vendor rule out almost every device: a host has hundreds, most of them functions. A link is one
            // system call, an attribute three.
            if (_reader.ReadLink(SysfsPaths.Of(address, "physfn")) is null
                && _reader.ReadHex(SysfsPaths.Of(address, "vendor")) == PciDevice.NvidiaVendor
                && Find(address) is { IsDisplay: true, ParentFunction: null } device)
            {
                gpus.Add(ReadGpu(device));
            }
        }

        return gpus;
    }

    private PhysicalFunction ReadGpu(PciDevice device)
    {
        var node = _reader.ReadNumber(SysfsPaths.Of(device.Address, "numa_node"));
        return new PhysicalFunction(
            device.Address, device.Device, device.Driver, node is >= 0 ? node : null,
            ReadCount("sriov_totalvfs"), ReadCount("sriov_numvfs"), ReadCount("sriov_offset"),
            ReadCount("sriov_stride"), HasMediatedTypes(device.Address));

        int ReadCount(string attribute) => _reader.ReadNumber(SysfsPaths.Of(device.Address, attribute)) ?? 0;
    }

    private string? ReadDriver(PciAddress address) => _reader.ReadLinkName(SysfsPaths.Of(address, "driver"));

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
