namespace VgpuPS.KernelBed.Guest;

/// <summary>What the hook is for: fresh starts on a host on which nothing has been made.</summary>
internal static class FirstScenarios
{
    /// <summary>Time-sliced types, from functions off to a running VM and back.</summary>
    internal static async Task TimeSlicedAsync(Bed bed)
    {
        var report = bed.Report;
        bed.Reset(bed.IsVendor);
        var last = bed.Number(0, "sriov_totalvfs") - 1;
        var function = bed.FutureFunction(0, last);
        var vm = Bed.CreateVm(101, $"{function},mdev=nvidia-685");
        var error = await bed.StartAsync(vm);
        report.Check("a time-sliced VM starts from nothing", error is null, error + " " + bed.Said(vm));
        report.Same("its function has the address that offset and stride gave", function, bed.Function(0, last));
        var state = KernelState.Read();
        report.Check(
            "its vGPU is the only one, held by its QEMU",
            state.Vgpus is [{ Type: 685, Instance: -1, Holder: > 0 } only] && only.Function == function, $"{state}");
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>MIG mode, functions, GPU instance, compute instance and vGPU from nothing, and back.</summary>
    internal static async Task MigAsync(Bed bed)
    {
        var report = bed.Report;
        bed.Reset(bed.IsVendor);
        var vm = Bed.CreateVm(102, $"{bed.FutureFunction(0, 2)},mdev=nvidia-690");
        var error = await bed.StartAsync(vm);
        report.Check("a MIG-backed VM starts from nothing", error is null, error + " " + bed.Said(vm));
        var state = KernelState.Read();
        report.Check("MIG mode is on for its GPU only", state.Gpus[0].Mig && state.Gpus.Skip(1).All(gpu => !gpu.Mig));
        report.Check(
            "one instance of its profile carries its vGPU",
            state is { Instances: [{ Profile: 5 } instance], Vgpus: [{ Type: 690, Holder: > 0 } vgpu] }
                && vgpu.Instance == instance.Id && vgpu.Function == bed.Function(0, 2),
            $"{state}");
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }
}
