using VgpuPS.Core.Gpu;

namespace VgpuPS.KernelBed.Guest;

/// <summary>A driver, a library and a tool that take their time: within the limit they are waited for, past it nothing
/// is lost.</summary>
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
        bed.Report.Check(
            "one that takes longer than the limit is left to the worker, which is named",
            bed.Said(vm) is var said && error?.Contains("exit code 75", StringComparison.Ordinal) == true
                && said.Contains("current_vgpu_type has not returned", StringComparison.Ordinal)
                && said.Contains("keeps the host lock", StringComparison.Ordinal), error + said);
        Slow("create", 0);
        await WaitForWorkerAsync();
        bed.CheckNothingLeft("the worker took back what it made");
        Bed.Configure(Bed.WithMig);
        await CheckServesAsync(bed, vm);
    }

    /// <summary>Waits until no worker of a hook is left; the check that follows says what else is.</summary>
    private static async Task WaitForWorkerAsync()
    {
        for (var waited = 0; waited < 2 * TooSlow && IsWorkerThere(); waited++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        static bool IsWorkerThere() => Directory.EnumerateDirectories("/proc").Any(folder =>
        {
            try
            {
                return File.ReadAllText($"{folder}/cmdline").Split('\0') is [var program, "worker", ..]
                    && program.EndsWith("vgpu-hook", StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        });
    }

    /// <summary>Calls of the library that take seconds.</summary>
    internal static async Task LibraryAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        bed.Machine.HookEnvironment["STANDIN_NVML_FAULTS"] =
            "nvmlDeviceCreateGpuInstanceWithPlacement:sleep=1000,nvmlGpuInstanceCreateComputeInstance:sleep=1000,"
                + "nvmlGpuInstanceDestroy:sleep=1000";
        await CheckServesAsync(bed, Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690"));
    }

    /// <summary>sriov-manage is never killed half way: it has the lock until it ends, and the next start goes on from
    /// there.</summary>
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
