using VgpuPS.Core.Errors;
using VgpuPS.Core.Report;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Capacity;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;
using VgpuPS.LabHook;
using VgpuPS.Tests.Golden;

namespace VgpuPS.Tests.Report;

/// <summary>What reports in tests are made from: hosts of every kind, and one that does not answer.</summary>
internal static class ReportHosts
{
    public static readonly DateTimeOffset Time = new(2026, 1, 5, 9, 30, 0, TimeSpan.FromHours(1));

    public static FleetReport Fleet() => Of(
    [
        Read("pve1", GoldenHosts.All["mig-vfio"]()) with
        {
            Checks =
            [
                Check("IommuOff", "Failed", "the kernel has no /sys/class/iommu/dmar0",
                    "the firmware has it off", "Initialize-VgpuHost"),
                Check("SweepTimer", "Warning", "vgpups-sweep.timer is disabled", "it was disabled by hand",
                    "systemctl enable --now vgpups-sweep.timer"),
                Check("DriverMissing", "Passed", "driver 580.105.06", null, null),
                Check("Licensing", "Skipped", "no vGPU runs", null, null),
            ],
            Events =
            [
                new VgpuEventInfo
                {
                    Time = new DateTime(2026, 1, 5, 8, 0, 3, 120, DateTimeKind.Utc), Source = "hook", VmId = 101,
                    Action = "createGpuInstance", Target = "0000:4b:00.0 GI 1", After = "1g.6gb at 0:1",
                },
                new VgpuEventInfo
                {
                    Time = new DateTime(2026, 1, 4, 8, 0, 0, DateTimeKind.Utc), Source = "Enable-MigMode",
                    Action = "enableMigMode", Target = "0000:4b:00.0", Before = "off", After = "on",
                },
            ],
            EventsLeftOut = 3,
        },
        Read("pve2", GoldenHosts.All["time-sliced-mdev"]()),
        Read("pve3", GoldenHosts.All["licensed"]()),
        new ReportedHost("pve4")
        {
            Failures = [HostProblem.Of(new HostNotReadyException(
                ErrorIds.DriverNotReady, "host pve4 does not answer within 30 s",
                "look at it: ssh root@pve4", "pve4"))],
        },
    ]) with
    {
        Charts =
        [
            new ReportChart("Load of vGPUs", "%", ChartKind.Lines,
            [
                new ChartSeries("VM 101", [.. Enumerable.Range(0, 30).Select(i => new ChartPoint(
                    1767600000 + (i * 60), i is > 11 and < 15 ? null : 40 + (30 * Math.Sin(i / 4.0))))]),
                new ChartSeries("VM 102", [.. Enumerable.Range(0, 30).Select(i => new ChartPoint(
                    1767600000 + (i * 60), 25 + (i % 7)))]),
            ]),
            new ReportChart("Copies from host to device", "GB/s", ChartKind.Bars,
            [
                new ChartSeries("alone", [new(0, 11.9, "VM 101"), new(1, 11.7, "VM 102"), new(2, null, "VM 103")]),
                new ChartSeries("all at once", [new(0, 6.1, "VM 101"), new(1, 5.8, "VM 102"), new(2, 0, "VM 103")]),
            ]),
        ],
    };

    public static FleetReport Of(IReadOnlyList<ReportedHost> hosts) => new()
    {
        Title = "GPU fleet",
        Time = Time,
        Version = "1.0.0",
        EventDays = 7,
        Hosts = hosts,
    };

    public static ReportedHost Read(string name, LabHostNode node, bool withAffinity = true)
    {
        using var process = node.Host.BeginActor("show");
        var report = new ReadHost(node.Connect(_ => { })).Run(
            new ReadHostRequest(DriverMayBeMissing: true, WithAffinity: withAffinity, WithOtherGpus: true));
        report.Stamp(name);
        return new ReportedHost(name) { Report = report, Capacity = ReadCapacity(node) };
    }

    private static IReadOnlyList<VgpuCapacityInfo> ReadCapacity(LabHostNode node)
    {
        try
        {
            return HostUseCases.ReadCapacity.RunAsync(
                node.Connect(_ => { }), new ReadCapacityRequest(), new Progress<StepProgress>(), default).Result.Gpus;
        }
        catch (AggregateException e) when (e.InnerException is VgpuException)
        {
            return [];
        }
        catch (VgpuException)
        {
            return [];
        }
    }

    public static VgpuHostTestInfo Check(string id, string verdict, string evidence, string? cause, string? action) =>
        new()
        {
            Check = id,
            Area = "Platform",
            Title = $"what {id} looks at",
            Verdict = verdict,
            Evidence = evidence,
            Cause = cause,
            RecommendedAction = action,
            Repairable = verdict == "Warning",
        };
}
