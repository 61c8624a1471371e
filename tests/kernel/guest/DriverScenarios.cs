namespace VgpuPS.KernelBed.Guest;

/// <summary>The library and NVIDIA's tool: old ones, lying ones, busy ones.</summary>
internal static class DriverScenarios
{
    private const string Mode = "/run/sriov-manage.mode";

    /// <summary>A C program with layouts of its own finds the library right.</summary>
    internal static Task LibraryAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        var result = Programs.Run("/usr/bin/nvml-check");
        foreach (var line in result.Output.Split('\n').Where(line => line.Length > 0))
        {
            bed.Report.Check($"C: {line}", line.StartsWith("ok ", StringComparison.Ordinal));
        }

        bed.Report.Check("C: the program ends well", result.Succeeded, result.Error);
        return Task.CompletedTask;
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
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>sriov-manage that fails, lies, or finds a client on the GPU.</summary>
    internal static async Task SriovManageAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, """{"timeoutSeconds":12}""");
        var vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 0)},mdev=nvidia-685");
        await File.WriteAllTextAsync(Mode, "lie");
        await LifeScenarios.CheckRefusedAsync(bed, vm, "sriov-manage that does nothing and exits 0", "0 of 16", "exit code 74");
        await File.WriteAllTextAsync(Mode, "old");
        using (File.OpenHandle("/dev/nvidia0", share: FileShare.ReadWrite))
        {
            await LifeScenarios.CheckRefusedAsync(bed, vm, "a GPU that a client holds", "unbindLock", "exit code 75");
        }

        File.Delete(Mode);
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
        await LifeScenarios.CheckRefusedAsync(bed, vm, "functions that would cost an instance", "instance", "exit code 69");
    }
}
