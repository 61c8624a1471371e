namespace VgpuPS.Host.Sysfs;

public sealed partial class SysfsPciDevices
{
    /// <summary>The GPU's functions by its <c>virtfnN</c> links in numeric order; the GPU itself where it offers
    /// types.</summary>
    /// <param name="gpu">The GPU.</param>
    public IReadOnlyList<VirtualFunction> GetFunctions(PhysicalFunction gpu)
    {
        var devices = GetMediatedDevices().ToLookup(device => device.Parent);
        var links = VirtualFunctionLinks.Read(_reader, gpu.Address);
        if (links.Count == 0)
        {
            return gpu.HasMediatedTypes && ReadFunction(gpu.Address, gpu.Address, 0, devices) is { } whole
                ? [whole] : [];
        }

        return
        [
            .. links
                .Select(link => ReadFunction(link.Address, gpu.Address, link.Index, devices))
                .OfType<VirtualFunction>(),
        ];
    }

    /// <summary>One function as it is now, or a GPU that is its own; null when it does not exist.</summary>
    /// <param name="address">Its address.</param>
    public VirtualFunction? FindFunction(PciAddress address)
    {
        if (!_reader.Exists(SysfsPaths.Device(address)))
        {
            return null;
        }

        var devices = GetMediatedDevices().ToLookup(device => device.Parent);
        if (_reader.ReadLinkAddress(SysfsPaths.Of(address, "physfn")) is not { } parent)
        {
            return ReadFunction(address, address, 0, devices);
        }

        // None when the functions are being taken away: the device is still there, its parent's link is not.
        return FindIndex(parent, address) is { } index ? ReadFunction(address, parent, index, devices) : null;
    }

    /// <summary>Whether the kernel says that the type can be created on the function now.</summary>
    /// <param name="function">The function.</param>
    /// <param name="type">The type.</param>
    /// <remarks>Source: facts/host-behaviour.md 1.3 (<c>available_instances</c>) and 1.4
    /// (<c>creatable_vgpu_types</c>).</remarks>
    public bool IsCreatable(VirtualFunction function, VgpuTypeId type) => function.Backend switch
    {
        VgpuBackend.Mdev =>
            _reader.ReadNumber($"{SysfsPaths.Type(function.Address, type)}/available_instances") is >= 1,
        VgpuBackend.VendorVfio =>
            _reader.ReadBytes(SysfsPaths.CreatableTypes(function.Address)) is { } list
            && CreatableVgpuType.Read(list).Any(creatable => creatable.Id == type),
        _ => false,
    };

    // Offset and stride say which link it must be; a GPU has up to 64 of them.
    private int? FindIndex(PciAddress parent, PciAddress address)
    {
        var offset = _reader.ReadNumber(SysfsPaths.Of(parent, "sriov_offset"));
        var stride = _reader.ReadNumber(SysfsPaths.Of(parent, "sriov_stride"));
        if (offset is not null && stride is > 0)
        {
            var index = (address.RoutingId - parent.RoutingId - offset.Value) / stride.Value;
            if (VirtualFunctionLinks.Read(_reader, parent, index) == address)
            {
                return index;
            }
        }

        return VirtualFunctionLinks.Read(_reader, parent).Where(link => link.Address == address)
            .Select(link => (int?)link.Index).FirstOrDefault();
    }

    private VirtualFunction? ReadFunction(
        PciAddress address, PciAddress parent, int index, ILookup<PciAddress, MediatedDevice> devices)
    {
        if (!_reader.Exists(SysfsPaths.Device(address)))
        {
            return null;
        }

        var group = _reader.ReadLinkName(SysfsPaths.Of(address, "iommu_group"));
        var backend = ReadBackend(address);
        return new VirtualFunction(
            address, parent, index, ReadDriver(address),
            int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            backend, backend == VgpuBackend.VendorVfio ? ReadCurrentType(address) : null,
            [.. devices[address]]);
    }

    // In the order in which Proxmox looks: a directory named nvidia decides, whatever else is there. An empty list of
    // types is none (facts/errors.md B3).
    private VgpuBackend ReadBackend(PciAddress address) =>
        _reader.Exists(SysfsPaths.Of(address, "nvidia")) ? VgpuBackend.VendorVfio
        : HasMediatedTypes(address) ? VgpuBackend.Mdev
        : VgpuBackend.None;

    private bool HasMediatedTypes(PciAddress address) =>
        _reader.List(SysfsPaths.Of(address, "mdev_supported_types")).Count > 0;

    private VgpuTypeId? ReadCurrentType(PciAddress address)
    {
        var path = SysfsPaths.CurrentType(address);
        if (_reader.ReadText(path) is not { Length: > 0 } text)
        {
            return null;
        }

        if (text == "0")
        {
            return null;
        }

        return VgpuTypeId.TryParse(text, out var type)
            ? type
            : throw SysfsReader.Unreadable(path, text, "the number of a vGPU type");
    }
}
