using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Guest;

/// <summary>What only a kernel shows: its errnos, writes that block, devices that go away.</summary>
internal static class KernelScenarios
{
    private const string Drivers = "/sys/bus/pci/drivers";

    /// <summary>The errnos of <c>sriov_numvfs</c>, which the simulated host gives as well.</summary>
    internal static Task FunctionCountAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        var count = $"/sys/bus/pci/devices/{bed.Gpus[0]}/sriov_numvfs";
        CheckErrno(bed, "the driver bound to the GPU has no way to count functions", count, "4", "write", Errno.ENOENT);
        CheckErrno(bed, "more functions than there are", count, "999", "write", Errno.ERANGE);
        CheckErrno(bed, "a negative number of functions", count, "-1", "write", Errno.EINVAL);
        CheckErrno(bed, "no number", count, "many", "write", Errno.EINVAL);
        CheckErrno(bed, "a number past 16 bits", count, "70000", "write", Errno.EINVAL);
        bed.EnableFunctions(0);
        CheckErrno(bed, "the same number again", count, $"{bed.Number(0, "sriov_numvfs")}", null, 0);
        CheckErrno(bed, "another number while functions are there", count, "2", "write", Errno.ENOENT);
        bed.Report.Same("functions in /sys", bed.Number(0, "sriov_totalvfs"), KernelState.Read().Gpus[0].Functions);
        return Task.CompletedTask;
    }

    /// <summary>The errnos of the mediated device core.</summary>
    internal static Task MediatedErrnosAsync(Bed bed)
    {
        bed.Reset(isVendor: false);
        bed.EnableFunctions(0);
        const string Uuid = "aaaaaaaa-0000-0000-0000-000000000001";
        var create = Create(bed.Function(0, 0)!, 685);
        CheckErrno(bed, "a UUID that is none", create, "not-a-uuid", "write", Errno.EINVAL);
        CheckErrno(bed, "a UUID without dashes", create, Uuid.Replace("-", "", StringComparison.Ordinal), "write", Errno.EINVAL);
        CheckErrno(bed, "a new UUID", create, Uuid.ToUpperInvariant(), null, 0);
        bed.Report.Check("its folder is lower-case", Directory.Exists($"/sys/bus/mdev/devices/{Uuid}"));
        CheckErrno(bed, "the UUID again", create, Uuid, "write", Errno.EEXIST);
        CheckErrno(bed, "the UUID on another function", Create(bed.Function(0, 8)!, 685), Uuid, "write", Errno.EEXIST);
        CheckErrno(
            bed, "a second device on a function", create, "aaaaaaaa-0000-0000-0000-000000000002", "write", Errno.ENOSPC);
        CheckErrno(bed, "a type that is none", Create(bed.Function(0, 1)!, 9999), Uuid, "open", Errno.ENOENT);
        var remove = $"/sys/bus/mdev/devices/{Uuid}/remove";
        CheckErrno(bed, "removal asked with a word", remove, "please", "write", Errno.EINVAL);
        CheckErrno(bed, "removal asked with 0", remove, "0", null, 0);
        bed.Report.Check("does nothing", Directory.Exists($"/sys/bus/mdev/devices/{Uuid}"));
        CheckErrno(bed, "removal", remove, "1", null, 0);
        CheckErrno(bed, "removal of what is gone", remove, "1", "open", Errno.ENOENT);
        return Task.CompletedTask;
    }

    /// <summary>The VM's own device lies on another function: it is moved, unless somebody has it open.</summary>
    internal static async Task StrayDeviceAsync(Bed bed)
    {
        bed.Reset(isVendor: false, Bed.WithoutMig);
        bed.EnableFunctions(0);
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 2)},mdev=nvidia-685");
        var uuid = Core.Vgpu.MdevUuid.ForGuest(vm, 0).ToString();
        bed.Machine.Files.WriteAttribute(Create(bed.Function(0, 10)!, 685), uuid);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a stray device of the VM is moved", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");

        bed.Machine.Files.WriteAttribute(Create(bed.Function(0, 10)!, 685), uuid);
        using var holder = Programs.Start(
            "/usr/bin/kvm", ["-device", $"vfio-pci,sysfsdev=/sys/bus/mdev/devices/{uuid}", "-uuid", Bed.SmbiosUuid(999), "-"], null);
        bed.Report.Same("somebody has it open", "running", await holder.StandardOutput.ReadLineAsync());
        Bed.Configure("""{"timeoutSeconds":12}""");
        error = await bed.StartAsync(vm);
        bed.Report.Check(
            "the start is given up when the removal blocks",
            error?.Contains("exit code 75", StringComparison.Ordinal) == true, $"{error} {bed.Said(vm)}");
        Bed.Configure(Bed.WithoutMig);
        bed.Report.Say(bed.Said(vm).Trim());
        holder.Kill();
        await holder.WaitForExitAsync();
        await Bed.SettleAsync(() => KernelState.Read().Vgpus.Count == 0);
        bed.Report.Check("the kernel ends the removal when nobody holds it", KernelState.Read().Vgpus.Count == 0, $"{KernelState.Read()}");
        error = await bed.StartAsync(vm);
        bed.Report.Check("then the VM starts", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>A function that vfio-pci has is refused by name, and taken again when it is given back.</summary>
    internal static async Task ForeignDriverAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        bed.EnableFunctions(0);
        var function = bed.Function(0, 1)!;
        var device = $"/sys/bus/pci/devices/{function}";
        bed.Machine.Files.WriteAttribute($"{Drivers}/nvidia/unbind", function);
        bed.Machine.Files.WriteAttribute($"{device}/driver_override", "vfio-pci");
        bed.Machine.Files.WriteAttribute("/sys/bus/pci/drivers_probe", function);
        bed.Report.Check("the kernel made its group", Directory.Exists($"{Drivers}/vfio-pci/{function}"));
        var vm = Bed.CreateVm(101, $"{function},mdev=nvidia-685");
        await LifeScenarios.CheckRefusedAsync(bed, vm, "a function of vfio-pci", "vfio-pci", "exit code 69");
        bed.Machine.Files.WriteAttribute($"{Drivers}/vfio-pci/unbind", function);
        bed.Machine.Files.WriteAttribute($"{device}/driver_override", "\n");
        bed.Machine.Files.WriteAttribute("/sys/bus/pci/drivers_probe", function);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("given back, it serves", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>The driver refuses the vGPU itself: what was made under it goes again.</summary>
    internal static async Task RefusedVgpuAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        File.WriteAllText("/sys/module/nvidia_standin/parameters/refuse_create", "5");
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690");
        await LifeScenarios.CheckRefusedAsync(bed, vm, "a vGPU that the driver refuses", bed.Function(0, 0)!, "exit code 74");
        File.WriteAllText("/sys/module/nvidia_standin/parameters/refuse_create", "0");
        var error = await bed.StartAsync(vm);
        bed.Report.Check("when it no longer does, the VM starts", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    private static string Create(string function, int type) =>
        $"/sys/bus/pci/devices/{function}/mdev_supported_types/nvidia-{type}/create";

    private static void CheckErrno(Bed bed, string what, string path, string value, string? call, int errno)
    {
        try
        {
            bed.Machine.Files.WriteAttribute(path, value);
            bed.Report.Check(what, call is null, "success");
        }
        catch (HostFileException e)
        {
            bed.Report.Check(what, (e.Operation, e.Number) == (call, errno), $"{e.Operation}: errno {e.Number}");
        }
    }
}
