using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Guest;

/// <summary>What the kernel's attributes refuse, and how; the simulated host must say the same.</summary>
internal static class ErrnoScenarios
{
    private const string Drivers = "/sys/bus/pci/drivers";

    private static readonly Func<Twin, string> s_count = twin => $"{twin.Folder}/sriov_numvfs";

    /// <summary><c>sriov_numvfs</c>, with each driver that a GPU can be bound to.</summary>
    internal static async Task FunctionCountAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        var twins = new LabTwin(bed);
        twins.CheckWrite("functions by hand, as NVIDIA's driver cannot count them", s_count, "4", Write(Errno.ENOENT));
        twins.CheckWrite("the same in hexadecimal", s_count, "0x4", Write(Errno.ENOENT));
        twins.CheckWrite("more functions than there are", s_count, "999", Write(Errno.ERANGE));
        twins.CheckWrite("a negative number of functions", s_count, "-1", Write(Errno.EINVAL));
        twins.CheckWrite("no number", s_count, "many", Write(Errno.EINVAL));
        twins.CheckWrite("a number past 16 bits", s_count, "70000", Write(Errno.EINVAL));
        twins.CheckWrite("none where none are", s_count, "0", Twin.Success);
        await twins.EnableFunctionsAsync();
        twins.CheckWrite("the same number again", s_count, "16", Twin.Success);
        twins.CheckWrite("another number while functions are there", s_count, "2", Write(Errno.ENOENT));
        twins.CheckWrite("no functions while they are there", s_count, "0", Write(Errno.ENOENT));
        bed.Report.Same("functions in /sys", bed.Number(0, "sriov_totalvfs"), KernelState.Read().Gpus[0].Functions);
        CheckSilentLoss(bed);
        CheckOtherDrivers(bed, twins.Kernel);
    }

    /// <summary>The mediated device core.</summary>
    internal static async Task MediatedAsync(Bed bed)
    {
        bed.Reset(isVendor: false);
        var twins = new LabTwin(bed);
        await twins.EnableFunctionsAsync();
        const string Uuid = "aaaaaaaa-0000-0000-0000-000000000001";
        var create = Create(0, 685);
        twins.CheckWrite("a UUID that is none", create, "not-a-uuid", Write(Errno.EINVAL));
        twins.CheckWrite(
            "a UUID without dashes", create, Uuid.Replace("-", "", StringComparison.Ordinal), Write(Errno.EINVAL));
        twins.CheckWrite("a new UUID", create, Uuid.ToUpperInvariant(), Twin.Success);
        twins.Both(twin => bed.Report.Check(
            $"{twin.Name}: its folder is lower-case", twin.Files.GetInfo($"/sys/bus/mdev/devices/{Uuid}") is not null));
        twins.CheckWrite("the UUID again", create, Uuid, Write(Errno.EEXIST));
        twins.CheckWrite("the UUID on another function", Create(8, 685), Uuid, Write(Errno.EEXIST));
        twins.CheckWrite("the UUID on another type", Create(0, 684), Uuid, Write(Errno.EEXIST));
        twins.CheckWrite(
            "a second device on a function", create, "aaaaaaaa-0000-0000-0000-000000000002", Write(Errno.ENOSPC));
        twins.CheckWrite("a type that is none", Create(1, 9999), Uuid, Twin.Refused("open", Errno.ENOENT));
        Func<Twin, string> parameters = _ => $"/sys/bus/mdev/devices/{Uuid}/nvidia/vgpu_params";
        twins.CheckRead("no parameters", parameters);
        twins.CheckWrite("parameters", parameters, "enable_uvm=1,enable_profiling=1", Twin.Success);
        twins.CheckRead("parameters", parameters);
        twins.CheckWrite("a parameter that is none", parameters, "enable_uwm=1", Write(Errno.EINVAL));
        twins.CheckRead("parameters as they were", parameters);
        twins.CheckWrite("no parameters", parameters, " ", Twin.Success);
        twins.CheckRead("parameters cleared", parameters);
        Func<Twin, string> remove = _ => $"/sys/bus/mdev/devices/{Uuid}/remove";
        twins.CheckWrite("removal asked with a word", remove, "please", Write(Errno.EINVAL));
        twins.CheckWrite("removal asked with a negative number", remove, "-1", Write(Errno.EINVAL));
        twins.CheckWrite("removal asked with 0", remove, "0", Twin.Success);
        twins.Both(twin => bed.Report.Check(
            $"{twin.Name}: does nothing", twin.Files.GetInfo($"/sys/bus/mdev/devices/{Uuid}") is not null));
        twins.CheckWrite("removal", remove, "1", Twin.Success);
        twins.CheckWrite("removal of what is gone", remove, "1", Twin.Refused("open", Errno.ENOENT));
    }

    /// <summary>The vendor's attributes; of their errnos EIO alone was seen on real hardware.</summary>
    internal static async Task VendorAsync(Bed bed)
    {
        bed.Reset(isVendor: true);
        var twins = new LabTwin(bed);
        await twins.EnableFunctionsAsync();
        Func<Twin, string> type = twin => $"{twin.FunctionFolder(9)}/nvidia/current_vgpu_type";
        Func<Twin, string> parameters = twin => $"{twin.FunctionFolder(9)}/nvidia/vgpu_params";
        twins.CheckWrite("a type that is not a number", type, "A30-6C", Write(Errno.EINVAL));
        twins.CheckWrite("a type that nobody knows", type, "99999", Write(Errno.EIO));
        twins.CheckWrite("a MIG-backed type without MIG mode", type, "690", Write(Errno.EIO));
        twins.CheckWrite("parameters before the vGPU", parameters, "disable_vnc=1", Write(Errno.ENXIO));
        twins.CheckWrite("none where none is", type, "0", Twin.Success);
        twins.CheckWrite("a type", type, "685", Twin.Success);
        twins.CheckWrite("the same type again", type, "685", Write(Errno.EIO));
        twins.CheckWrite("parameters", parameters, "disable_vnc=1", Twin.Success);
        twins.CheckRead("parameters", parameters);
        twins.CheckWrite("no parameters", parameters, " ", Twin.Success);
        twins.CheckRead("no parameters", parameters);
        twins.CheckWrite("a parameter that is none", parameters, "enable_uwm=1", Write(Errno.EINVAL));
        twins.CheckWrite("a value that is none", parameters, "enable_uvm=2", Write(Errno.EINVAL));
        twins.CheckWrite("a name alone", parameters, "enable_uvm", Write(Errno.EINVAL));
        twins.CheckWrite("two parameters", parameters, "enable_uvm=1,vgpu-placement-id=6", Twin.Success);
        twins.CheckRead("two parameters", parameters);
        twins.CheckWrite("none", type, "0", Twin.Success);
        twins.CheckRead("parameters without a type", parameters);
        twins.CheckRead("no type", type);
    }

    /// <summary>The kernel destroys functions with all that is on them, and says nothing: why the product has a
    /// guard.</summary>
    private static void CheckSilentLoss(Bed bed)
    {
        bed.MakeVgpu(bed.Function(0, 0)!, 685);
        var off = Programs.Run(Bed.SriovManage, "-d", bed.Gpus[0]);
        bed.Report.Check(
            "functions go with a vGPU on them, without a word",
            off.Succeeded && KernelState.Read() is { Vgpus.Count: 0 } state && state.Gpus[0].Functions == 0,
            $"{off.Output} {KernelState.Read()}");
    }

    private static void CheckOtherDrivers(Bed bed, Twin kernel)
    {
        var count = s_count(kernel);
        void Bind(string from, string to)
        {
            kernel.Files.WriteAttribute($"{Drivers}/{from}/unbind", kernel.Gpu);
            kernel.Files.WriteAttribute($"{kernel.Folder}/driver_override", to == "nvidia" ? "\n" : to);
            if (to != from)
            {
                kernel.Files.WriteAttribute($"{Drivers}/{to}/bind", kernel.Gpu);
            }
        }

        void Check(string what, string value, string expected) =>
            bed.Report.Same($"kernel: {what}: {expected}", expected, kernel.Write(count, value));
        Bind("nvidia", "pci-pf-stub");
        Check("pci-pf-stub: functions", "4", Twin.Success);
        Check("pci-pf-stub: the same again", "4", Twin.Success);
        Check("pci-pf-stub: fewer", "2", Write(Errno.EBUSY));
        Check("pci-pf-stub: more", "8", Write(Errno.EBUSY));
        Check("pci-pf-stub: more than there are", "999", Write(Errno.ERANGE));
        Check("pci-pf-stub: none", "0", Twin.Success);
        Bind("pci-pf-stub", "vfio-pci");
        Check("vfio-pci: functions", "4", Write(Errno.ENOENT));
        kernel.Files.WriteAttribute($"{Drivers}/vfio-pci/unbind", kernel.Gpu);
        Check("no driver: functions", "4", Write(Errno.ENOENT));
        kernel.Files.WriteAttribute($"{kernel.Folder}/driver_override", "\n");
        kernel.Files.WriteAttribute($"{Drivers}/nvidia/bind", kernel.Gpu);
    }

    private static string Write(int errno) => Twin.Refused("write", errno);

    private static Func<Twin, string> Create(int function, int type) =>
        twin => $"{twin.FunctionFolder(function)}/mdev_supported_types/nvidia-{type}/create";
}
