using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;

namespace VgpuPS.LabHook.Tour;

/// <summary>The main job from end to end on the article's host, chapter by chapter, every chapter with what must be
/// true.</summary>
/// <param name="terminal">Where it is reported.</param>
/// <param name="isReal">Whether driver calls take time.</param>
internal sealed class TourStory(Terminal terminal, bool isReal)
{
    private const string Small = "nvidia-689";
    private const string Large = "nvidia-690";
    private const string TimeSliced = "nvidia-685";
    private const string First = "0000:4b:00";
    private const string Second = "0000:ca:00";

    private readonly TourNarrator _narrator = new(terminal);

    /// <summary>Reports it.</summary>
    /// <returns>0 only if all of it came out as it should.</returns>
    public async Task<int> RunAsync()
    {
        var host = new TourHost(_narrator, isReal);
        terminal.WriteLine(
            "A simulated node pve1: two NVIDIA A30, Proxmox VE 8.4, kernel 6.5, driver 550.54.16, mediated devices.",
            DiagramStyle.Heading);
        _narrator.Draw(host.Report);
        await PrepareAsync(host).ConfigureAwait(false);
        await StartSixAsync(host).ConfigureAwait(false);
        await RefuseAsync(host).ConfigureAwait(false);
        await ReuseAsync(host).ConfigureAwait(false);
        await StopAllAsync(host, [101, 102, 103, 104, 105, 107, 108]).ConfigureAwait(false);
        await TimeSliceAsync(host).ConfigureAwait(false);
        terminal.WriteLine("");
        terminal.WriteLine(_narrator.Broken.Count == 0
            ? $"The story held: {_narrator.Held} of {_narrator.Held} expectations."
            : $"The story broke: {_narrator.Broken.Count} of {_narrator.Held + _narrator.Broken.Count} expectations "
                + $"did not hold.");
        return _narrator.Broken.Count == 0 ? 0 : 1;
    }

    private async Task PrepareAsync(TourHost host)
    {
        _narrator.Chapter("MIG mode on, then the virtual functions: the order that works on every GPU");
        await host.SetMigAsync(isOn: true).ConfigureAwait(false);
        await host.SetFunctionsAsync(areOn: true).ConfigureAwait(false);
        var report = host.Report;
        _narrator.Expect(
            report.Gpus.All(g => g is { MigCurrent: true, MigPending: true, EnabledFunctions: 16, Backend: "mdev" }),
            "both GPUs are in MIG mode with 16 functions that offer mediated devices");
        _narrator.Expect(
            report.Gpus.Select(g => report.FunctionsOf(g)[0].FunctionAddress)
                .SequenceEqual([$"{First}.4", $"{Second}.4"]),
            $"the functions begin at {First}.4 and {Second}.4");
    }

    private async Task StartSixAsync(TourHost host)
    {
        _narrator.Chapter("Six VMs start; the hook creates what each vGPU needs");
        var isStarted = true;
        for (var n = 0; n < 4; n++)
        {
            isStarted &= (await host.StartAsync(101 + n, $"{First}.{4 + n}", Small).ConfigureAwait(false)).Succeeded;
        }

        for (var n = 0; n < 2; n++)
        {
            isStarted &= (await host.StartAsync(105 + n, $"{Second}.{4 + n}", Large).ConfigureAwait(false)).Succeeded;
        }

        var report = host.Report;
        _narrator.Draw(report);
        _narrator.Expect(isStarted, "all six run");
        ExpectInstances(report, 0, "1g.6gb", [101, 102, 103, 104]);
        ExpectInstances(report, 1, "2g.12gb", [105, 106]);
        _narrator.Expect(
            report.Gpus.SelectMany(report.VgpusOf)
                .All(v => v.IsRunning && v.MdevUuid == $"00000000-0000-0000-0000-{v.VmId:D12}"),
            "every mediated device has the UUID that Proxmox looks for");
    }

    private async Task RefuseAsync(TourHost host)
    {
        _narrator.Chapter("A seventh VM does not fit on GPU 0, and the refusal names the reason");
        var before = Describe(host.Report);
        var result = await host.StartAsync(107, "0000:4b:01.0", Small).ConfigureAwait(false);
        _narrator.Expect(
            result.Error is { } error && error.Contains("exit code 75", StringComparison.Ordinal),
            "the start is refused with exit code 75 (no capacity), before Proxmox touches anything");
        _narrator.Expect(Describe(host.Report) == before, "nothing on the GPUs has changed");
    }

    private async Task ReuseAsync(TourHost host)
    {
        _narrator.Chapter("VM 106 stops, and two small VMs take its two slices of GPU 1");
        var before = host.Report;
        var freed = before.PlacementsOf(before.Gpus[1]).First(
            p => p.Placement == before.InstancesOf(before.Gpus[1]).First(i => i.VmIds.Contains(106)).Placement).Start;
        var isStopped = (await host.StopAsync(106).ConfigureAwait(false)).Succeeded;
        var between = host.Report.Gpus[1];
        _narrator.Expect(
            isStopped && between.InstanceCount == 1, "its GPU instance is released, that of VM 105 stays");
        var isStarted = (await host.StartAsync(107, $"{Second}.5", Small).ConfigureAwait(false)).Succeeded
            & (await host.StartAsync(108, $"{Second}.6", Small).ConfigureAwait(false)).Succeeded;
        var report = host.Report;
        _narrator.Draw(report);
        var small = report.InstancesOf(report.Gpus[1]).Where(i => i.Profile == "1g.6gb").ToList();
        _narrator.Expect(
            isStarted && small.SelectMany(i => i.VmIds).Order().SequenceEqual([107, 108])
            && small.Select(i => i.Placement).Order().SequenceEqual([$"{freed}:1", $"{freed + 1}:1"]),
            $"VM 107 and VM 108 are on slices {freed} and {freed + 1}, which VM 106 had");
        ExpectInstances(report, 0, "1g.6gb", [101, 102, 103, 104]);
    }

    private async Task StopAllAsync(TourHost host, int[] vms)
    {
        _narrator.Chapter("All VMs stop, and nothing remains");
        foreach (var vm in vms)
        {
            await host.StopAsync(vm).ConfigureAwait(false);
        }

        _narrator.Draw(host.Report);
        _narrator.Expect(host.IsClean, "no GPU instance, compute instance, mediated device, "
            + "claim or reservation remains");
    }

    private async Task TimeSliceAsync(TourHost host)
    {
        _narrator.Chapter("The same host time-sliced: functions disabled, MIG mode off, functions enabled, "
            + "four A30-6C on GPU 0");
        await host.SetFunctionsAsync(areOn: false).ConfigureAwait(false);
        await host.SetMigAsync(isOn: false).ConfigureAwait(false);
        await host.SetFunctionsAsync(areOn: true).ConfigureAwait(false);
        _narrator.Expect(
            host.Report.Gpus.All(g => g is { MigCurrent: false, MigPending: false, EnabledFunctions: 16 }),
            "MIG mode is off and the functions are enabled again");
        var isStarted = true;
        for (var n = 0; n < 4; n++)
        {
            isStarted &= (
                await host.StartAsync(111 + n, $"{First}.{4 + n}", TimeSliced).ConfigureAwait(false)).Succeeded;
        }

        var report = host.Report;
        _narrator.Draw(report);
        _narrator.Expect(
            isStarted && report.Gpus[0].InstanceCount == 0
            && report.VgpusOf(report.Gpus[0]).Select(v => (v.VmId, v.VgpuType, v.IsRunning)).SequenceEqual(
                Enumerable.Range(111, 4).Select(vm => ((int?)vm, "A30-6C", true))),
            "four time-sliced vGPUs run on GPU 0, without any GPU instance");
    }

    private void ExpectInstances(HostReport report, int gpu, string profile, int[] vms)
    {
        var instances = report.InstancesOf(report.Gpus[gpu]);
        _narrator.Expect(
            instances.All(
                i => i.Profile == profile && i is { ComputeInstances.Count: 1, IsMadeByHook: true, VmIds.Count: 1 })
            && instances.SelectMany(i => i.VmIds).Order().SequenceEqual(vms),
            $"GPU {gpu} has {vms.Length} x {profile}, one each for VM {string.Join(", ", vms)}");
    }

    private static string Describe(HostReport report) =>
        string.Join('\n', HostReportText.Lines(report with { Vms = [] }));
}
