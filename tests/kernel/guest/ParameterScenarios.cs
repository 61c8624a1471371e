using VgpuPS.Core.Gpu;

namespace VgpuPS.KernelBed.Guest;

/// <summary>Plugin parameters: on the vGPU before QEMU opens it, and gone with it.</summary>
internal static class ParameterScenarios
{
    private const string Wanted = "enable_uvm=1,enable_profiling=1";

    private const string Settings = """
        {"vgpuParameters":{"101":{"hostpci0":{"enable_profiling":1,"enable_uvm":1}}}}
        """;

    /// <summary>A VM runs with them, another of the same mapping without; a start that fails leaves none.</summary>
    internal static async Task ParametersAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        Bed.Configure(Settings);
        bed.MapFunctions("pool", bed.Function(0, 4)!, bed.Function(0, 12)!);
        VmId[] vms = [Bed.CreateVm(101, "mapping=pool,mdev=nvidia-689"),
            Bed.CreateVm(102, "mapping=pool,mdev=nvidia-689")];
        foreach (var vm in vms)
        {
            var error = await bed.StartAsync(vm);
            bed.Report.Check($"VM {vm} starts", error is null, error + bed.Said(vm));
        }

        var state = KernelState.Read();
        bed.Report.Check(
            "one was opened with its parameters, the other without any",
            state.Vgpus.Count == 2 && state.Vgpus.Count(v => v is { Active: Wanted, Parameters: Wanted }) == 1
                && state.Vgpus.Count(v => v is { Active: "-", Parameters: "-" }) == 1, $"{state}");
        foreach (var vm in vms)
        {
            await bed.StopAsync(vm);
        }

        bed.CheckNothingLeft("both stopped");
        Bed.Configure("""{"vgpuParameters":{"101":{"hostpci0":{"vgpu-placement-id":0}}}}""");
        var refused = await bed.StartAsync(vms[0]);
        bed.Report.Check(
            "what the type does not allow is refused",
            refused is not null && bed.Said(vms[0]).Contains("vgpu-placement-id", StringComparison.Ordinal),
            refused + bed.Said(vms[0]));
        bed.CheckNothingLeft("refused");
        Bed.Configure("{}");
    }
}
