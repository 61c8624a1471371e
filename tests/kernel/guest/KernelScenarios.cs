using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Guest;

/// <summary>What only a kernel shows: its errnos, writes that block, devices that go away.</summary>
internal static class KernelScenarios
{
    private const string Drivers = "/sys/bus/pci/drivers";

    /// <summary>The VM's own device lies on another function: it is moved, unless somebody has it open.</summary>
    internal static async Task OrphanedDeviceAsync(Bed bed)
    {
        bed.Reset(isVendor: false, Bed.WithoutMig);
        bed.EnableFunctions(0);
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 2)},mdev=nvidia-685");
        var uuid = VgpuPS.Core.Gpu.MdevUuid.ForVm(vm, 0).ToString();
        bed.Machine.Files.WriteAttribute(Create(bed.Function(0, 10)!, 685), uuid);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a stray device of the VM is moved", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");

        bed.Machine.Files.WriteAttribute(Create(bed.Function(0, 10)!, 685), uuid);
        using var holder = Programs.Start(
            "/usr/bin/kvm",
            ["-device", $"vfio-pci,sysfsdev=/sys/bus/mdev/devices/{uuid}", "-uuid", Bed.SmbiosUuid(999), "-"], null);
        bed.Report.Same("somebody has it open", "running", await holder.StandardOutput.ReadLineAsync());
        Bed.Configure("""{"timeoutSeconds":20}""");
        error = await bed.StartAsync(vm);
        bed.Report.Check(
            "the start is given up while it is open",
            error?.Contains("exit code 75", StringComparison.Ordinal) == true, $"{error} {bed.Said(vm)}");
        Bed.Configure(Bed.WithoutMig);
        bed.Report.Say(bed.Said(vm).Trim());
        holder.Kill();
        await holder.WaitForExitAsync();
        bed.Report.Check(
            "no removal was begun of what somebody had open", KernelState.Read().Vgpus.Count == 1,
            $"{KernelState.Read()}");
        error = await bed.StartAsync(vm);
        bed.Report.Check("when nobody has it, it is moved and the VM starts", error is null, error + bed.Said(vm));
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
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690");
        foreach (var errno in (int[])[Errno.EIO, Errno.ENOSPC, Errno.EUSERS])
        {
            Bed.SetParameter("refuse_create", errno);
            await LifeScenarios.CheckRefusedAsync(
                bed, vm, $"a vGPU that the driver refuses with {Errno.Describe(errno)}", bed.Function(0, 0)!,
                errno == Errno.EIO ? "exit code 74" : "exit code 7");
        }

        Bed.SetParameter("refuse_create", 0);
        if (bed.IsVendor)
        {
            Bed.SetParameter("ignore_types", 1);
            await LifeScenarios.CheckRefusedAsync(
                bed, vm, "a vGPU that the driver only says it made", bed.Function(0, 0)!, "exit code 74");
            Bed.SetParameter("ignore_types", 0);
        }

        var error = await bed.StartAsync(vm);
        bed.Report.Check("when it no longer does, the VM starts", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    private static string Create(string function, int type) =>
        $"/sys/bus/pci/devices/{function}/mdev_supported_types/nvidia-{type}/create";
}
