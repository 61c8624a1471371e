using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Guest;

/// <summary>The simulated host beside the kernel: same errnos, same files, same texts in the same state.</summary>
internal static class LikenessScenarios
{
    private const string Uuid = "aaaaaaaa-0000-0000-0000-000000000001";

    // What NVIDIA's driver adds to a mediated device; the stand-in module has nothing there.
    private const string OfNvidia = "nvidia";

    private static readonly string[] s_typeTexts = ["available_instances", "name", "description", "device_api"];

    // Links into other parts of the tree: how many steps up they go, and numbers of groups, are a machine's own.
    private static readonly string[] s_links = ["driver", "iommu_group", "mdev_type", "physfn"];

    /// <summary>Names, kinds and permissions of what the simulated host has are the kernel's.</summary>
    internal static async Task FilesAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        var twins = new LabTwin(bed);
        await twins.EnableFunctionsAsync();
        CheckFolder(bed, twins, "GPU", twin => twin.Folder);
        CheckFolder(bed, twins, "function", twin => twin.FunctionFolder(9));
        CheckFolder(bed, twins, "driver", _ => "/sys/bus/pci/drivers/nvidia", withAddresses: false);
        if (bed.IsVendor)
        {
            CheckFolder(bed, twins, "function's vendor folder", twin => $"{twin.FunctionFolder(9)}/nvidia");
            return;
        }

        CheckFolder(bed, twins, "list of types", twin => $"{twin.FunctionFolder(9)}/mdev_supported_types");
        CheckFolder(bed, twins, "type", twin => Type(twin, 9, 685));
        twins.Both(twin => twin.Files.WriteAttribute($"{Type(twin, 9, 685)}/create", Uuid));
        CheckFolder(bed, twins, "mediated device", _ => $"/sys/bus/mdev/devices/{Uuid}");
        CheckFolder(bed, twins, "function with a device", twin => twin.FunctionFolder(9));
        CheckFolder(bed, twins, "devices of a type", twin => $"{Type(twin, 9, 685)}/devices");
        CheckFolder(bed, twins, "bus of mediated devices", _ => "/sys/bus/mdev");
        CheckFolder(bed, twins, "their list", _ => "/sys/bus/mdev/devices");
        twins.Both(twin => bed.Report.Same(
            $"{twin.Name}: the functions in mdev_bus", 16, twin.Files.List("/sys/class/mdev_bus")?.Count ?? 0));
    }

    /// <summary>What may be created where, in one state after the other.</summary>
    internal static async Task StatesAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        var twins = new LabTwin(bed);
        await twins.EnableFunctionsAsync();
        CheckTypes(bed, twins, "functions on");
        Create(bed, twins, 0, 685);
        CheckTypes(bed, twins, "one time-sliced vGPU");
        foreach (var function in (int[])[1, 8, 15])
        {
            Create(bed, twins, function, 685);
        }

        CheckTypes(bed, twins, "a full GPU");
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        twins = new LabTwin(bed);
        twins.Both(twin => twin.SetMigMode(true));
        await twins.EnableFunctionsAsync();
        CheckTypes(bed, twins, "MIG mode without an instance");
        twins.Both(twin => twin.MakeInstance("2g.12gb", 2));
        twins.Both(twin => twin.MakeInstance("1g.6gb", 0));
        CheckTypes(bed, twins, "two instances");
        Create(bed, twins, 0, 690);
        CheckTypes(bed, twins, "one of them in use");
        Create(bed, twins, 1, 689);
        CheckTypes(bed, twins, "both in use");
    }

    /// <summary>Errnos of binding a function to a driver.</summary>
    internal static async Task BindingAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        var twins = new LabTwin(bed);
        await twins.EnableFunctionsAsync();
        const string Drivers = "/sys/bus/pci/drivers";
        Func<Twin, string> function = twin => twin.Function(1);
        Func<Twin, string> choice = twin => $"{twin.FunctionFolder(1)}/driver_override";
        twins.CheckRead("no override", choice);
        twins.CheckWrite(
            "binding a bound function", _ => $"{Drivers}/nvidia/bind", function, Twin.Refused("write", Errno.EBUSY));
        twins.CheckWrite("unbinding from another driver", _ => $"{Drivers}/vfio-pci/unbind", function,
            Twin.Refused("write", Errno.ENODEV));
        twins.CheckWrite("unbinding", _ => $"{Drivers}/nvidia/unbind", function, Twin.Success);
        twins.CheckWrite(
            "unbinding again", _ => $"{Drivers}/nvidia/unbind", function, Twin.Refused("write", Errno.ENODEV));
        twins.CheckWrite("a driver that knows no such device", _ => $"{Drivers}/vfio-pci/bind", function,
            Twin.Refused("write", Errno.ENODEV));
        twins.CheckWrite("an address that is none", _ => $"{Drivers}/nvidia/bind", "0000:ff:1f.7",
            Twin.Refused("write", Errno.ENODEV));
        twins.CheckWrite("probing an address that is none", _ => "/sys/bus/pci/drivers_probe", "0000:ff:1f.7",
            Twin.Refused("write", Errno.ENODEV));
        twins.CheckWrite("an override", choice, "vfio-pci", Twin.Success);
        twins.CheckRead("the override", choice);
        twins.CheckWrite("a driver that the override is not", _ => $"{Drivers}/nvidia/bind", function,
            Twin.Refused("write", Errno.ENODEV));
        twins.CheckWrite("the driver that it is", _ => $"{Drivers}/vfio-pci/bind", function, Twin.Success);
        CheckFolder(bed, twins, "function of vfio-pci", twin => twin.FunctionFolder(1));
        twins.CheckWrite("unbinding from it", _ => $"{Drivers}/vfio-pci/unbind", function, Twin.Success);
        twins.CheckWrite("no override", choice, "\n", Twin.Success);
        twins.CheckRead("no override again", choice);
        twins.CheckWrite("probing", _ => "/sys/bus/pci/drivers_probe", function, Twin.Success);
        twins.Both(twin => bed.Report.Same(
            $"{twin.Name}: NVIDIA's driver has it again", "nvidia",
            Path.GetFileName(twin.Files.ReadLink($"{twin.FunctionFolder(1)}/driver"))));
    }

    private static void Create(Bed bed, LabTwin twins, int function, int type) => twins.CheckWrite(
        $"type {type} on function {function}",
        twin => bed.IsVendor
            ? $"{twin.FunctionFolder(function)}/nvidia/current_vgpu_type" : $"{Type(twin, function, type)}/create",
        bed.IsVendor ? $"{type}" : $"aaaaaaaa-0000-0000-0000-{function:d12}", Twin.Success);

    private static void CheckTypes(Bed bed, LabTwin twins, string when)
    {
        foreach (var function in (int[])[0, 1, 2, 15])
        {
            if (bed.IsVendor)
            {
                foreach (var name in (string[])["creatable_vgpu_types", "current_vgpu_type", "vgpu_params",
                    "gpu_instance_id", "placement_id"])
                {
                    twins.CheckRead($"{when}: {name} of function {function}",
                        twin => $"{twin.FunctionFolder(function)}/nvidia/{name}");
                }
            }
            else
            {
                Compare(bed, $"{when}: types of function {function}", Describe(twins.Kernel, function),
                    Describe(twins.Lab, function));
            }
        }

        Compare(bed, $"{when}: NVML's creatable types", Creatable(twins.Kernel), Creatable(twins.Lab));
    }

    private static string Describe(Twin twin, int function)
    {
        var folder = $"{twin.FunctionFolder(function)}/mdev_supported_types";
        return string.Concat(twin.Files.List(folder)!.Select(type => type + ": " + string.Join(
            ", ", s_typeTexts.Select(name => twin.Read($"{folder}/{type}/{name}").Trim())) + "\n"));
    }

    private static string Creatable(Twin twin)
    {
        using var driver = twin.Ports.Driver.Open();
        return string.Join(", ", driver.GetCreatableTypes(VgpuPS.Core.Gpu.PciAddress.Parse(twin.Gpu)));
    }

    private static void Compare(Bed bed, string what, string kernel, string lab) =>
        bed.Report.Check($"{what} are the same", kernel == lab, $"kernel '{kernel}', lab '{lab}'");

    private static string Type(Twin twin, int function, int type) =>
        $"{twin.FunctionFolder(function)}/mdev_supported_types/nvidia-{type}";

    /// <summary>Whether each thing that the simulated host has in a folder is one of the kernel's.</summary>
    private static void CheckFolder(
        Bed bed, LabTwin twins, string what, Func<Twin, string> folder, bool withAddresses = true)
    {
        var (theirs, ours) = (folder(twins.Kernel), folder(twins.Lab));
        var names = twins.Lab.Files.List(ours)!.Where(
            name => withAddresses || !name.Contains(':', StringComparison.Ordinal)).ToList();
        var wrong = names.Where(name => name != OfNvidia || bed.IsVendor)
            .Select(name => (Name: name, Kernel: Kind(twins.Kernel, theirs, name), Lab: Kind(twins.Lab, ours, name)))
            .Where(kinds => kinds.Kernel != kinds.Lab)
            .Select(kinds => $"{kinds.Name}: kernel {kinds.Kernel}, lab {kinds.Lab}").ToList();
        bed.Report.Check($"what the lab has of a {what} is the kernel's", names.Count > 0 && wrong.Count == 0,
            string.Join("; ", wrong));
    }

    private static string Kind(Twin twin, string folder, string name)
    {
        var path = $"{folder}/{name}";
        if (twin.Files.ReadLink(path) is { } target)
        {
            return s_links.Contains(name) && name != "iommu_group" ? "link to " + Last(twin, target) : "link";
        }

        return twin.Files.GetInfo(path) is { } info
            ? info.Kind == HostFileKind.Directory
                ? "folder" : $"file {Convert.ToString(info.Mode & 0x1ff, 8)}" : "missing";
    }

    private static string Last(Twin twin, string target) =>
        target.EndsWith(twin.Gpu, StringComparison.Ordinal) ? "the GPU" : Path.GetFileName(target);
}
