using System.Globalization;

namespace VgpuPS.KernelBed.Guest;

/// <summary>The library and NVIDIA's tool: old ones, lying ones, busy ones.</summary>
internal static class DriverScenarios
{
    /// <summary>A C program with layouts of its own finds the library right.</summary>
    internal static async Task LibraryAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        CheckByC(bed, bed.Gpus[0]);
        bed.Prepare(0);
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690");
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a VM starts", error is null, error + bed.Said(vm));
        var vgpu = KernelState.Read().Vgpus[0];
        CheckByC(
            bed, bed.Gpus[0], vgpu.Type.ToString(CultureInfo.InvariantCulture),
            vgpu.Instance.ToString(CultureInfo.InvariantCulture), Bed.SmbiosUuid(101), vgpu.Uuid);
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>Older libraries, by the newest form of their structs and by the functions they lack.</summary>
    internal static async Task OldLibrariesAsync(Bed bed)
    {
        foreach (var (name, form, library) in ((string, string, string?)[])
            [("without the third form of structs", "2", null), ("with the first form alone", "1", "/old-driver")])
        {
            bed.Reset(bed.IsVendor);
            bed.Prepare(0);
            bed.Machine.HookEnvironment["STANDIN_NVML_FORM"] = form;
            if (library is not null)
            {
                bed.Machine.HookEnvironment["LD_LIBRARY_PATH"] = library;
            }

            var vm = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690");
            var error = await bed.StartAsync(vm);
            bed.Report.Check($"a library {name} will do", error is null, error + bed.Said(vm));
            await bed.StopAsync(vm);
            bed.CheckNothingLeft("stopped");
        }
    }

    /// <summary>Calls that report success and do nothing are found by reading back.</summary>
    internal static async Task LiesAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690");
        foreach (var (function, names) in ((string, string)[])
        [
            ("nvmlDeviceCreateGpuInstanceWithPlacement", "GPU instance"),
            ("nvmlGpuInstanceCreateComputeInstance", "compute instance"),
        ])
        {
            bed.Machine.HookEnvironment["STANDIN_NVML_FAULTS"] = $"{function}:lie";
            await LifeScenarios.CheckRefusedAsync(bed, vm, $"{function} that lies", names, "exit code 74");
        }

        bed.Machine.HookEnvironment.Clear();
        var error = await bed.StartAsync(vm);
        bed.Report.Check("an honest library serves", error is null, error + bed.Said(vm));
        bed.Machine.HookEnvironment["STANDIN_NVML_FAULTS"] = "nvmlGpuInstanceDestroy:lie";
        await bed.StopAsync(vm);
        bed.Report.Check(
            "an instance that is only said to be gone stays in the book",
            KernelState.Read().Instances.Count == 1 && Bed.Claims().Instances == 1, Bed.Snapshot());
        bed.Machine.HookEnvironment.Clear();
        bed.RunHook("sweep");
        bed.CheckNothingLeft("swept");

        bed.Reset(bed.IsVendor);
        vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 0)},mdev=nvidia-690");
        bed.Machine.HookEnvironment["STANDIN_NVML_FAULTS"] = "nvmlDeviceSetMigMode:lie";
        await LifeScenarios.CheckRefusedAsync(
            bed, vm, "a MIG mode that is only said to be on", "MIG mode", "exit code 74");
        bed.Machine.HookEnvironment.Clear();
    }

    /// <summary>sriov-manage that fails, lies, or finds a client on the GPU.</summary>
    internal static async Task SriovManageAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, """{"timeoutSeconds":20}""");
        var vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 0)},mdev=nvidia-685");
        await File.WriteAllTextAsync(Bed.SriovManageMode, "lie");
        await LifeScenarios.CheckRefusedAsync(
            bed, vm, "sriov-manage that does nothing and exits 0", "0 of 16", "exit code 74");
        await File.WriteAllTextAsync(Bed.SriovManageMode, "old");
        using (File.OpenHandle("/dev/nvidia0", share: FileShare.ReadWrite))
        {
            var byHand = Programs.Run(Bed.SriovManage, "-e", bed.Gpus[0]);
            bed.Report.Check(
                "an old sriov-manage fails and exits 0",
                byHand.Succeeded && byHand.Output.Contains("Cannot obtain unbindLock", StringComparison.Ordinal),
                byHand.Output);
            // It is tried until the time is over, which may be in the middle of a try or before the first.
            Bed.Configure("""{"timeoutSeconds":15}""");
            await LifeScenarios.CheckRefusedAsync(bed, vm, "a GPU that a client holds", bed.Gpus[0], "exit code 75");
        }

        File.Delete(Bed.SriovManageMode);
        Bed.Configure(Bed.WithoutMig);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("without the client the functions come", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>Instances that enabling functions would destroy keep the hook from doing it.</summary>
    internal static async Task GuardAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0, functions: false);
        bed.MakeInstance(0, "2g.12gb", 0);
        var vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 0)},mdev=nvidia-690");
        await LifeScenarios.CheckRefusedAsync(
            bed, vm, "functions that would cost an instance", "instance", "exit code 69");
        bed.EnableFunctions(0);
        bed.Report.Same("sriov-manage by hand destroys it", 0, KernelState.Read().Instances.Count);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("with nothing to lose the VM starts", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    private static void CheckByC(Bed bed, params string[] arguments)
    {
        var result = Programs.Run("/usr/bin/nvml-check", arguments);
        foreach (var line in result.Output.Split('\n').Where(line => line.Length > 0))
        {
            bed.Report.Check($"C: {line}", line.StartsWith("ok ", StringComparison.Ordinal));
        }

        bed.Report.Check("C: the program ends well", result.Succeeded, result.Error);
    }
}
