namespace VgpuPS.KernelBed.Guest;

/// <summary>Debian's mdevctl as an independent witness.</summary>
internal static class WitnessScenarios
{
    private const string Mdevctl = "/usr/sbin/mdevctl";

    /// <summary>What mdevctl lists is what the hook made, and what mdevctl made the hook takes over.</summary>
    internal static async Task MdevctlAsync(Bed bed)
    {
        bed.Reset(isVendor: false);
        bed.Prepare(0);
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 7)},mdev=nvidia-690");
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a VM starts", error is null, error + bed.Said(vm));
        var uuid = VgpuPS.Core.Gpu.MdevUuid.ForVm(vm, 0).ToString();
        var listed = Programs.Run(Mdevctl, "list").Output.Trim();
        bed.Report.Check(
            "mdevctl lists its device alone",
            listed.StartsWith($"{uuid} {bed.Function(0, 7)} nvidia-690", StringComparison.Ordinal)
                && !listed.Contains('\n', StringComparison.Ordinal), listed);
        var shown = bed.RunHook("show");
        bed.Report.Check(
            "so does the hook", shown.Succeeded && shown.Output.Contains("101", StringComparison.Ordinal),
            shown.Output + shown.Error);
        var types = Programs.Run(Mdevctl, "types", "-p", bed.Function(0, 0)!).Output;
        bed.Report.Check(
            "mdevctl knows the types of a function", types.Contains("nvidia-690", StringComparison.Ordinal), types);
        await bed.StopAsync(vm);
        bed.Report.Same("mdevctl lists nothing after the stop", "", Programs.Run(Mdevctl, "list").Output.Trim());
        bed.CheckNothingLeft("stopped");

        bed.MakeInstance(0, "2g.12gb", 0);
        var created = Programs.Run(Mdevctl, "start", "-u", uuid, "-p", bed.Function(0, 7)!, "-t", "nvidia-690");
        bed.Report.Check("mdevctl starts the VM's device", created.Succeeded, created.Error);
        error = await bed.StartAsync(vm);
        bed.Report.Check("the VM starts on it", error is null, error + bed.Said(vm));
        bed.Report.Check(
            "it is the only one",
            KernelState.Read() is { Vgpus: [{ Holder: > 0 } only], Instances.Count: 1 } && only.Uuid == uuid,
            $"{KernelState.Read()}");
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped, the person's instance apart", instances: 1);
    }
}
