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
            "A simulated node pve1 as Proxmox VE 8.2 installs one: kernel 6.8, two NVIDIA A30, no driver.",
            DiagramStyle.Heading);
        await PrepareAsync(host).ConfigureAwait(false);
        await InstallDriverAsync(host).ConfigureAwait(false);
        await TimeSliceAsync(host).ConfigureAwait(false);
        await EnableMigAsync(host).ConfigureAwait(false);
        await UseInstancesMadeByHandAsync(host).ConfigureAwait(false);
        await StartSixAsync(host).ConfigureAwait(false);
        await RefuseAsync(host).ConfigureAwait(false);
        await ReuseAsync(host).ConfigureAwait(false);
        await StopAllAsync(host, [101, 102, 103, 104, 105, 107, 108]).ConfigureAwait(false);
        await RebootAsync(host).ConfigureAwait(false);
        terminal.WriteLine("");
        terminal.WriteLine(_narrator.Broken.Count == 0
            ? $"The story held: {_narrator.Held} of {_narrator.Held} expectations."
            : $"The story broke: {_narrator.Broken.Count} of {_narrator.Held + _narrator.Broken.Count} expectations "
                + $"did not hold.");
        return _narrator.Broken.Count == 0 ? 0 : 1;
    }

    private async Task PrepareAsync(TourHost host)
    {
        _narrator.Chapter("Proxmox is prepared: a kernel that the driver builds for, IOMMU, no nouveau");
        host.EditGrub();
        host.Echo("blacklist nouveau", "/etc/modprobe.d/blacklist.conf");
        await host.TypeAsync("update-initramfs", "-u", "-k", "all").ConfigureAwait(false);
        await host.TypeAsync("update-grub").ConfigureAwait(false);
        host.Reboot();
        _narrator.Expect(
            host.Running is { Kernel: TourHost.Kernel, HasIommu: true, HasNouveau: false },
            $"kernel {TourHost.Kernel} runs, with the IOMMU on and without nouveau");
        await host.TypeAsync(
            "apt-get", "install", "-y", "dkms", "gcc", "make", "proxmox-default-headers",
            $"proxmox-headers-{TourHost.Kernel}").ConfigureAwait(false);
    }

    private async Task InstallDriverAsync(TourHost host)
    {
        _narrator.Chapter("NVIDIA's host driver is installed");
        await host.InstallDriverAsync().ConfigureAwait(false);
        var report = host.Report;
        _narrator.Draw(report);
        _narrator.Expect(
            report is { DriverVersion: "550.54.16" } && report.Gpus.Count == 2, "the driver knows both GPUs");
    }

    private async Task TimeSliceAsync(TourHost host)
    {
        _narrator.Chapter("Time-sliced vGPUs: functions enabled, four A30-6C on GPU 0");
        await host.SetFunctionsAsync(areOn: true).ConfigureAwait(false);
        var report = host.Report;
        _narrator.Expect(
            report.Gpus.All(g => g is { MigCurrent: false, EnabledFunctions: 16, Backend: "mdev" })
            && report.Gpus.Select(g => report.FunctionsOf(g)[0].FunctionAddress)
                .SequenceEqual([$"{First}.4", $"{Second}.4"]),
            $"both GPUs have 16 functions that offer mediated devices, from {First}.4 and {Second}.4");
        var isStarted = true;
        for (var n = 0; n < 4; n++)
        {
            isStarted &= (
                await host.StartAsync(111 + n, $"{First}.{4 + n}", TimeSliced).ConfigureAwait(false)).Succeeded;
        }

        report = host.Report;
        _narrator.Draw(report);
        _narrator.Expect(
            isStarted && report.Gpus[0].InstanceCount == 0
            && report.VgpusOf(report.Gpus[0]).Select(v => (v.VmId, v.VgpuType, v.IsRunning)).SequenceEqual(
                Enumerable.Range(111, 4).Select(vm => ((int?)vm, "A30-6C", true))),
            "four time-sliced vGPUs run on GPU 0, without any GPU instance");
        foreach (var vm in Enumerable.Range(111, 4))
        {
            await host.StopAsync(vm).ConfigureAwait(false);
        }

        _narrator.Expect(host.IsClean, "the VMs stop, and nothing remains");
    }

    private async Task EnableMigAsync(TourHost host)
    {
        _narrator.Chapter("MIG-backed vGPUs: functions as before, then MIG mode on all GPUs");
        await host.SetFunctionsAsync(areOn: true).ConfigureAwait(false);
        await host.TypeAsync("nvidia-smi", "-mig", "1").ConfigureAwait(false);
        _narrator.Expect(
            host.Report.Gpus.All(g => g is { MigCurrent: true, MigPending: true, EnabledFunctions: 16 }),
            "both GPUs are in MIG mode, with their functions: an A30 takes this order");
    }

    private async Task UseInstancesMadeByHandAsync(TourHost host)
    {
        _narrator.Chapter("GPU instances and compute instances by hand, and a VM that uses one");
        await host.TypeAsync("nvidia-smi", "mig", "-lgip").ConfigureAwait(false);
        await host.TypeAsync("nvidia-smi", "mig", "-cgi", "2g.12gb,2g.12gb").ConfigureAwait(false);
        await host.TypeAsync("nvidia-smi", "mig", "-cci", "2g.12gb").ConfigureAwait(false);
        var made = Describe(host.Report);
        var isStarted = (await host.StartAsync(105, $"{First}.4", Large).ConfigureAwait(false)).Succeeded;
        var report = host.Report;
        _narrator.Draw(report);
        _narrator.Expect(
            isStarted && report.Gpus.All(g => g.InstanceCount == 2)
            && report.InstancesOf(report.Gpus[0]).Any(i => i.VmIds.Contains(105) && !i.IsMadeByHook),
            "VM 105 runs on an instance that was there");
        await host.StopAsync(105).ConfigureAwait(false);
        _narrator.Expect(Describe(host.Report) == made, "it stops, and what was made by hand stays");
        await host.TypeAsync("nvidia-smi", "mig", "-dci").ConfigureAwait(false);
        await host.TypeAsync("nvidia-smi", "mig", "-dgi").ConfigureAwait(false);
        _narrator.Expect(host.IsClean, "both GPUs are empty again");
    }

    private async Task StartSixAsync(TourHost host)
    {
        _narrator.Chapter("The same without hands: six VMs start, the hook creates what each vGPU needs");
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

    private async Task RebootAsync(TourHost host)
    {
        _narrator.Chapter("A reboot loses functions and instances; the boot service restores the layout");
        host.SaveLayout("""
            {"version": 1, "gpus": [{"gpu": "0000:4b:00.0", "sriov": true, "mig": true}, {"gpu": "0000:ca:00.0", "sriov": true}]}
            """);
        host.Reboot();
        var lost = host.Report;
        var code = await host.BootServiceAsync().ConfigureAwait(false);
        var report = host.Report;
        _narrator.Draw(report);
        _narrator.Expect(
            lost.Gpus.All(g => g.EnabledFunctions == 0) && code == 0
            && report.Gpus.All(g => g is { MigCurrent: true, EnabledFunctions: 16 }),
            "the functions were gone, and both GPUs are as the layout says");
        var isStarted = (await host.StartAsync(101, $"{First}.4", Small).ConfigureAwait(false)).Succeeded;
        ExpectInstances(host.Report, 0, "1g.6gb", [101]);
        _narrator.Expect(isStarted, "VM 101 runs as it did");
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
