using VgpuPS.Core.Guests;

namespace VgpuPS.KernelBed.Guest;

/// <summary>A driver, a library and a tool that take their time: within the limit they are waited for, past it nothing is lost.</summary>
internal static class SlowScenarios
{
    private const string Impatient = """{"timeoutSeconds":12}""";

    // Past the limit of 12 s whatever the hook has done before it.
    private const int TooSlow = 15;

    /// <summary>The kernel takes seconds over a vGPU.</summary>
    internal static async Task DriverAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690");
        Slow("create", 1);
        Slow("remove", 1);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a vGPU that takes a while is waited for", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("a removal that takes a while is too");

        Slow("remove", 0);
        Slow("create", TooSlow);
        Bed.Configure(Impatient);
        error = await bed.StartAsync(vm);
        bed.Report.Check("one that takes longer than the limit is, as it cannot be broken off", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>Calls of the library that take seconds.</summary>
    internal static async Task LibraryAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        bed.Machine.HookEnvironment["STANDIN_NVML_FAULTS"] =
            "nvmlDeviceCreateGpuInstanceWithPlacement:sleep=1000,nvmlGpuInstanceCreateComputeInstance:sleep=1000,nvmlGpuInstanceDestroy:sleep=1000";
        await CheckServesAsync(bed, Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690"));
    }

    /// <summary>sriov-manage is never killed half way: it has the lock until it ends, and the next start goes on from there.</summary>
    internal static async Task SriovManageAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Impatient);
        var vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 0)},mdev=nvidia-685");
        await File.WriteAllTextAsync(Bed.SriovManageMode, $"slow {TooSlow}");
        var error = await bed.StartAsync(vm);
        bed.Report.Check(
            "sriov-manage that takes longer than the limit is given up",
            error?.Contains("exit code 75", StringComparison.Ordinal) == true, error + bed.Said(vm));
        bed.Report.Say(bed.Said(vm).Trim());
        Bed.Configure(Bed.WithoutMig);
        await CheckServesAsync(bed, vm);
        bed.Report.Same("it was let come to its end", bed.Number(0, "sriov_totalvfs"), bed.Number(0, "sriov_numvfs"));
    }

    private static async Task CheckServesAsync(Bed bed, VmId vm)
    {
        var error = await bed.StartAsync(vm);
        bed.Report.Check("then the VM starts", error is null, error + bed.Said(vm));
        var state = KernelState.Read();
        bed.Report.Check("on the only vGPU", state is { Vgpus: [{ Holder: > 0 }] }, $"{state}");
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    private static void Slow(string what, int seconds) => Bed.SetParameter($"slow_{what}_ms", seconds * 1000);
}
