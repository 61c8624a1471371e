namespace VgpuPS.Lab.Files;

internal sealed partial class LabKernelTree
{
    private const string NoOverride = "(null)";
    private const int Lanes = 16;

    private static readonly string[] s_drivers = ["nvidia", "vfio-pci"];

    private LabTreeNode? FindInDevice(LabPciFunction function, string[] rest) => rest switch
    {
        [] => LabTreeNode.Folder(() => DeviceNames(function)),
        ["mdev_supported_types", .. var inner] => function.OffersMdev(Backend) ? FindMdevType(function, inner) : null,
        ["nvidia", .. var inner] => function.OffersVendor(Backend) ? FindVendor(function, inner) : null,
        [var name] => FindAttribute(function, name) ?? FindSriov(function, name) ?? FindMdevDevice(function, rest),
        _ => FindMdevDevice(function, rest),
    };

    private IEnumerable<string> DeviceNames(LabPciFunction function)
    {
        List<string> names =
        [
            "class", "device", "driver_override", "numa_node", "revision", "subsystem_device", "subsystem_vendor",
            "vendor",
        ];
        if (function.Driver is not null)
        {
            names.Add("driver");
        }

        if (HasGroups)
        {
            names.Add("iommu_group");
        }

        if (function.Index is not null)
        {
            names.Add("physfn");
        }
        else if (function.Gpu is not null)
        {
            names.AddRange(["current_link_speed", "current_link_width", "max_link_speed", "max_link_width"]);
        }

        if (function.Index is null && function.Gpu is { TotalFunctions: > 0 } gpu)
        {
            names.AddRange(["sriov_numvfs", "sriov_offset", "sriov_stride", "sriov_totalvfs"]);
            names.AddRange(Enumerable.Range(0, gpu.FunctionCount).Select(index => $"virtfn{index}"));
        }

        if (function.OffersVendor(Backend))
        {
            names.Add("nvidia");
        }

        if (function.OffersMdev(Backend))
        {
            names.Add("mdev_supported_types");
            names.AddRange(MdevsOn(function).Select(vgpu => vgpu.MdevUuid!));
        }

        return names;
    }

    private LabTreeNode? FindAttribute(LabPciFunction function, string name) => name switch
    {
        "vendor" => Text(function.Other?.Vendor ?? "0x10de"),
        "device" => Text(function.Other?.Device ?? function.Gpu!.Model.DeviceId),
        "class" => Text(function.Other?.Class ?? "0x030200"),
        "subsystem_vendor" => Text(function.Other?.Vendor ?? "0x10de"),
        "subsystem_device" => Text(function.Index is null ? function.Gpu?.Model.SubsystemId ?? "0x0000" : "0x0000"),
        "revision" => Text("0xa1"),
        "numa_node" => Text(Number(NodeOf(function)), ReadWriteMode),
        "driver" when function.Driver is { } driver => LabTreeNode.Link($"../../../bus/pci/drivers/{driver}"),
        "driver_override" when function.Gpu is { } gpu => Attribute(
            ReadWriteMode, () => gpu.Overrides.GetValueOrDefault(function.Text, NoOverride) + "\n",
            value => gpu.Overrides[function.Text] = value.Length == 0 ? NoOverride : value),
        "iommu_group" when HasGroups =>
            LabTreeNode.Link($"../../../kernel/iommu_groups/{Number(function.Address.RoutingId)}"),
        "current_link_speed" or "max_link_speed" when function is { Index: null, Gpu: { } gpu } => Text(
            string.Create(CultureInfo.InvariantCulture, $"{LabWorkers.SpeedOf(gpu).PcieGBps / 2:0.0} GT/s PCIe")),
        "current_link_width" when function is { Index: null, Gpu: { } gpu } => Text(
            Number(gpu.Meters.LinkWidth ?? Lanes)),
        "max_link_width" when function is { Index: null, Gpu: not null } => Text(Number(Lanes)),
        "physfn" when function.Index is not null => LabTreeNode.Link($"../{function.Gpu!.Address}"),
        _ => null,
    };

    private static LabTreeNode? FindSriov(LabPciFunction function, string name)
    {
        if (function.Index is not null || function.Gpu is not { TotalFunctions: > 0 } gpu)
        {
            return null;
        }

        return name switch
        {
            "sriov_totalvfs" => Text(Number(gpu.Model.TotalFunctions)),
            "sriov_offset" => Text(Number(gpu.Model.FunctionOffset)),
            "sriov_stride" => Text(Number(gpu.Model.FunctionStride)),
            "sriov_numvfs" => Attribute(
                ReadWriteMode, () => Number(gpu.FunctionCount) + "\n", value => WriteFunctionCount(gpu, value)),
            _ when name.StartsWith("virtfn", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < gpu.FunctionCount => LabTreeNode.Link($"../{gpu.FunctionAt(index)}"),
            _ => null,
        };
    }

    // Source: facts/linux-and-build.md B.3, and host-behaviour.md 1.1: NVIDIA's driver refuses all but sriov-manage.
    private static void WriteFunctionCount(LabGpu gpu, string value)
    {
        if (ParseNumber(value) is not { } count || count > ushort.MaxValue)
        {
            throw new LabErrnoException(Errno.EINVAL);
        }

        if ((int)count > gpu.Model.TotalFunctions)
        {
            throw new LabErrnoException(Errno.ERANGE);
        }

        if ((int)count != gpu.FunctionCount)
        {
            throw new LabErrnoException(Errno.ENOENT);
        }
    }

    // Another driver that has a function is loaded as well.
    private IEnumerable<string> Drivers => s_drivers.Union(
        State.Bus.All.Select(f => f.Driver).OfType<string>(), StringComparer.Ordinal);

    private LabTreeNode? FindDriver(string[] rest) => rest switch
    {
        [] => Folder([.. Drivers]),
        [var name] when Drivers.Contains(name) => LabTreeNode.Folder(
            () => State.Bus.All.Where(f => f.Driver == name).Select(f => f.Text).Concat(["bind", "unbind"])),
        [var name, "bind"] when Drivers.Contains(name) =>
            Attribute(WriteOnlyMode, null, address => Bind(Known(address), name)),
        [var name, "unbind"] when Drivers.Contains(name) => Attribute(WriteOnlyMode, null, address =>
        {
            var function = Known(address);
            if (function.Driver != name)
            {
                throw new LabErrnoException(Errno.ENODEV);
            }

            SetDriver(function, null);
        }),
        [var name, var address] => State.Bus.Find(address)?.Driver == name
            ? LinkTo("../../../../devices", address)
            : null,
        _ => null,
    };

    private LabPciFunction Known(string address) =>
        State.Bus.Find(address) ?? throw new LabErrnoException(Errno.ENODEV);

    private void Probe(string address)
    {
        var function = Known(address);
        if (function is { Gpu: not null, Driver: null })
        {
            SetDriver(function, DriverFor(function));
        }
    }

    /// <remarks>
    /// Source: kernel, drivers/base/bus.c, bind_store; measured on kernel 6.12: a driver that neither the override
    /// nor its own list names gives ENODEV, a bound device EBUSY.
    /// </remarks>
    private static void Bind(LabPciFunction function, string driver)
    {
        if (function.Gpu is null || DriverFor(function) != driver)
        {
            throw new LabErrnoException(Errno.ENODEV);
        }

        if (function.Driver is not null)
        {
            throw new LabErrnoException(Errno.EBUSY);
        }

        SetDriver(function, driver);
    }

    private static string DriverFor(LabPciFunction function) =>
        function.Gpu!.Overrides.GetValueOrDefault(function.Text, NoOverride) is var wanted && wanted == NoOverride
            ? "nvidia" : wanted;

    private static void SetDriver(LabPciFunction function, string? driver)
    {
        var gpu = function.Gpu!;
        if (function.Index is not null)
        {
            gpu.Vgpus.RemoveAll(vgpu => vgpu.Function == function.Text);
            gpu.FunctionDrivers[function.Text] = driver;
            return;
        }

        LabGpuRules.Rebind(gpu);
        gpu.FunctionCount = 0;
        gpu.FunctionDrivers.Clear();
        gpu.Driver = driver;
    }
}
