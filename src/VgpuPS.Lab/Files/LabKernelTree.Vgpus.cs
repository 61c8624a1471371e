using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Files;

internal sealed partial class LabKernelTree
{
    private static readonly string[] s_vendorNames =
        ["creatable_vgpu_types", "current_vgpu_type", "gpu_instance_id", "placement_id", "vgpu_params"];

    private static readonly string[] s_typeNames =
        ["available_instances", "create", "description", "device_api", "devices", "name"];

    private IEnumerable<(LabGpu Gpu, LabVgpu Vgpu)> AllMdevs =>
        State.Gpus.SelectMany(gpu => gpu.Vgpus.Where(v => v.MdevUuid is not null).Select(vgpu => (gpu, vgpu)));

    private static IEnumerable<LabVgpu> MdevsOn(LabPciFunction function) =>
        function.Gpu!.Vgpus.Where(v => v.Function == function.Text && v.MdevUuid is not null && !v.IsBeingRemoved);

    // Source: facts/host-behaviour.md 1.4.
    private LabTreeNode? FindVendor(LabPciFunction function, string[] rest)
    {
        var gpu = function.Gpu!;
        var vgpu = gpu.Vgpus.Find(candidate => candidate.Function == function.Text);
        return rest switch
        {
            [] => Folder(s_vendorNames),
            ["creatable_vgpu_types"] => Attribute(ReadOnlyMode, () => DescribeCreatable(gpu, function.Text), null),
            ["current_vgpu_type"] => Attribute(
                ReadWriteMode, () => Number(vgpu?.Type ?? 0) + "\n", value => WriteType(function, vgpu, value)),
            ["vgpu_params"] => Attribute(
                ReadWriteMode, () => (vgpu?.Parameters ?? "") + "\n", value => WriteParameters(vgpu, value)),
            ["gpu_instance_id"] => Attribute(
                ReadOnlyMode, () =>
                    Number((vgpu ?? throw NoVgpu(function, "gpu_instance_id")).GpuInstance ?? 0xFFFFFFFF) + "\n", null),
            ["placement_id"] => Attribute(
                ReadOnlyMode, () => Number((vgpu ?? throw NoVgpu(function, "placement_id")).GpuInstance is null
                    ? 0xFFFF : 0) + "\n", null),
            _ => null,
        };
    }

    private static HostFileException NoVgpu(LabPciFunction function, string name) =>
        new("read", $"/sys/bus/pci/devices/{function.Text}/nvidia/{name}", Errno.ENXIO);

    private static string DescribeCreatable(LabGpu gpu, string function)
    {
        // The header line stays where nothing is creatable; that it does beside a vGPU of its own is assumed.
        var text = new StringBuilder("ID    : vGPU Name\n");
        foreach (var type in LabGpuRules.CreatableOn(gpu, function))
        {
            text.Append(CultureInfo.InvariantCulture, $"{type.Id,-6}: {type.Name}\n");
        }

        return text.ToString();
    }

    // Source: facts/host-behaviour.md 1.5 and 3: a refused type is EIO with a line in the kernel log.
    private void WriteType(LabPciFunction function, LabVgpu? vgpu, string value)
    {
        var gpu = function.Gpu!;
        if (!uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            throw new LabErrnoException(Errno.EINVAL);
        }

        if (id == 0)
        {
            if (vgpu?.Holder is not null)
            {
                throw Refuse(function, 0x17);
            }

            gpu.Vgpus.RemoveAll(other => other.Function == function.Text);
            return;
        }

        if (gpu.Model.FindType(id) is not { } type)
        {
            throw Refuse(function, 0x57);
        }

        if (vgpu is not null || !LabGpuRules.CanCreate(gpu, type))
        {
            throw Refuse(function, vgpu is not null ? 0x38 : StatusOf(gpu, type));
        }

        LabGpuRules.Create(State, gpu, type, function.Text, null);
    }

    private static int StatusOf(LabGpu gpu, GpuModelType type) =>
        gpu.MigCurrent || type.GpuInstanceProfile is not null ? 0x38 : 0x1A;

    private LabErrnoException Refuse(LabPciFunction function, int status)
    {
        host.Log(string.Create(
            CultureInfo.InvariantCulture,
            $"NVRM: Failed to add vgpu create request: 0x{status:x} ({function.Text})"));
        return new LabErrnoException(Errno.EIO);
    }

    /// <summary>
    /// Plugin parameters: a blank clears them, and they are read when QEMU opens the vGPU. They go with the vGPU, and
    /// there are none before it.
    /// </summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 1.6. Assumed: the errnos, that names and values are looked at when they are
    /// written, that a vendor VFIO function without a type refuses them, and that type 0 clears them.
    /// </remarks>
    private static void WriteParameters(LabVgpu? vgpu, string value)
    {
        if (vgpu is null)
        {
            throw new LabErrnoException(Errno.ENXIO);
        }

        var text = value.Trim();
        vgpu.Parameters = text.Length == 0 || text.Split(',').All(IsParameter)
            ? text : throw new LabErrnoException(Errno.EINVAL);
    }

    private static bool IsParameter(string item) => item.Split('=') switch
    {
        ["enable_uvm" or "enable_profiling" or "enable_debugging" or "frame_rate_limiter" or "disable_vnc", var value]
            => value is "0" or "1",
        ["vgpu-placement-id", var value] =>
            ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    // Source: facts/host-behaviour.md 1.3.
    private LabTreeNode? FindMdevType(LabPciFunction function, string[] rest)
    {
        var gpu = function.Gpu!;
        if (rest.Length == 0)
        {
            return LabTreeNode.Folder(() => gpu.Model.Types.Select(t => $"nvidia-{t.Id}"));
        }

        if (!rest[0].StartsWith("nvidia-", StringComparison.Ordinal)
            || !VgpuTypeId.TryParse(rest[0][7..], out var id) || gpu.Model.FindType(id.Value) is not { } type)
        {
            return null;
        }

        return rest[1..] switch
        {
            [] => Folder(s_typeNames),
            ["name"] => Text(type.Name),
            ["description"] => Text(
                $"num_heads=1, frl_config=60, framebuffer={type.FramebufferMiB}M, max_resolution=4096x2160, "
                + $"max_instance={type.MaxInstances}"),
            ["device_api"] => Text("vfio-pci"),
            ["available_instances"] => Attribute(
                ReadOnlyMode, () => Number(CountAvailable(gpu, function.Text, type)) + "\n", null),
            ["create"] => Attribute(WriteOnlyMode, null, value => CreateMdev(function, type, value)),
            ["devices"] => LabTreeNode.Folder(
                () => MdevsOn(function).Where(vgpu => vgpu.Type == type.Id).Select(vgpu => vgpu.MdevUuid!)),
            ["devices", var uuid] => MdevsOn(function).Any(v => v.MdevUuid == uuid && v.Type == type.Id)
                ? LabTreeNode.Link($"../../../{uuid}")
                : null,
            _ => null,
        };
    }

    private static int CountAvailable(LabGpu gpu, string function, GpuModelType type) =>
        !LabGpuRules.CreatableOn(gpu, function).Contains(type) ? 0
        : gpu.Model.TotalFunctions > 0 ? 1
        : type.MaxInstances - gpu.Vgpus.Count;

    // Source: facts/linux-and-build.md B.3; which errno NVIDIA's driver answers with is assumed.
    private void CreateMdev(LabPciFunction function, GpuModelType type, string value)
    {
        if (!MdevUuid.TryParse(value, out var uuid))
        {
            throw new LabErrnoException(Errno.EINVAL);
        }

        if (AllMdevs.Any(mdev => mdev.Vgpu.MdevUuid == uuid.Value))
        {
            throw new LabErrnoException(Errno.EEXIST);
        }

        var gpu = function.Gpu!;
        if (gpu.Model.TotalFunctions > 0 && gpu.Vgpus.Exists(vgpu => vgpu.Function == function.Text))
        {
            throw new LabErrnoException(Errno.ENOSPC);
        }

        if (!LabGpuRules.CanCreate(gpu, type))
        {
            var status = StatusOf(gpu, type);
            throw status == 0x1A ? new LabErrnoException(Errno.ENOSPC) : Refuse(function, status);
        }

        LabGpuRules.Create(State, gpu, type, function.Text, uuid.Value);
    }

    private LabTreeNode? FindMdevBus(string[] rest) => rest switch
    {
        [] => Folder("devices", "drivers"),
        ["drivers"] => Folder(),
        ["devices"] =>
            LabTreeNode.Folder(() => AllMdevs.Where(m => !m.Vgpu.IsBeingRemoved).Select(m => m.Vgpu.MdevUuid!)
            .Concat(State.Setup.OtherDevices.SelectMany(d => d.Mdevs))),
        ["devices", var uuid] => AllMdevs.FirstOrDefault(m => m.Vgpu.MdevUuid == uuid && !m.Vgpu.IsBeingRemoved)
            is { Vgpu: { } vgpu } && State.Bus.Find(vgpu.Function) is { } function
            ? LabTreeNode.Link($"../../../devices/{function.Bus}/{function.Text}/{uuid}")
            : State.Setup.OtherDevices.Find(d => d.Mdevs.Contains(uuid)) is { } other
                && State.Bus.Find(other.Address) is { } owner
                ? LabTreeNode.Link($"../../../devices/{owner.Bus}/{owner.Text}/{uuid}")
                : null,
        _ => null,
    };

    private LabTreeNode? FindMdevDevice(LabPciFunction function, string[] rest)
    {
        if (!function.OffersMdev(Backend)
            || MdevsOn(function).FirstOrDefault(v => v.MdevUuid == rest[0]) is not { } vgpu)
        {
            return null;
        }

        return rest[1..] switch
        {
            [] => Folder("iommu_group", "mdev_type", "nvidia", "remove"),
            ["mdev_type"] => LabTreeNode.Link($"../mdev_supported_types/nvidia-{vgpu.Type}"),
            ["iommu_group"] =>
                LabTreeNode.Link($"../../../../kernel/iommu_groups/{Number(function.Address.RoutingId)}"),
            ["remove"] => Attribute(WriteOnlyMode, null, value => RemoveMdev(function.Gpu!, vgpu, value)),
            ["nvidia"] => Folder("vgpu_params"),
            ["nvidia", "vgpu_params"] => Attribute(
                ReadWriteMode, () => vgpu.Parameters + "\n", value => WriteParameters(vgpu, value)),
            _ => null,
        };
    }

    // Source: facts/linux-and-build.md B.3: blocks while the device is open, and is gone from the bus meanwhile.
    private void RemoveMdev(LabGpu gpu, LabVgpu vgpu, string value)
    {
        if (ParseNumber(value) is not { } number)
        {
            throw new LabErrnoException(Errno.EINVAL);
        }

        if (number == 0)
        {
            return;
        }

        if (vgpu.Holder is null)
        {
            gpu.Vgpus.Remove(vgpu);
            return;
        }

        vgpu.IsBeingRemoved = true;
        Held = vgpu;
    }
}
