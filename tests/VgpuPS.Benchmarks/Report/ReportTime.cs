using System.Diagnostics;
using System.Globalization;
using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Report;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Capacity;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Benchmarks.Report;

/// <summary>The report of many simulated hosts, each full of VMs with vGPUs: reading, the doctor, and the
/// page.</summary>
/// <remarks>Source: design section 12.</remarks>
internal static class ReportTime
{
    private const double Bar = 2;
    private const int SizeBar = 3 * 1024 * 1024;

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "hosts", "vms", "runs");
        var (count, vms) = (options.Number("hosts", 16), options.Number("vms", 4));
        var nodes = Enumerable.Range(0, count).Select(_ => Make(vms)).ToList();
        var times = new List<(double Read, double Write)>();
        var size = 0;
        for (var run = 0; run < options.Number("runs", 5); run++)
        {
            var started = Stopwatch.GetTimestamp();
            var hosts = new ReportedHost[count];
            Parallel.For(0, count, at => hosts[at] = Read(nodes[at], $"pve{at}"));
            var read = Stopwatch.GetElapsedTime(started).TotalSeconds;
            started = Stopwatch.GetTimestamp();
            var page = ReportPage.Write(new FleetReport
            {
                Title = "GPU fleet",
                Time = DateTimeOffset.UnixEpoch,
                Version = "0",
                Hosts = hosts,
                EventDays = 7,
            });
            size = Encoding.UTF8.GetByteCount(page);
            times.Add((read, Stopwatch.GetElapsedTime(started).TotalSeconds));
        }

        // Hosts read themselves, each on its own processors; here all of them share these.
        var reading = Statistics.Quantile([.. times.Select(t => t.Read)], 0.5);
        var median = Statistics.Quantile([.. times.Select(t => t.Write)], 0.5);
        Console.WriteLine(Conditions.Describe());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(median < Bar && size < SizeBar ? "PASS" : "FAIL")}  report, {count} hosts, {count * 8} GPUs, {vms * 8} "
                + $"VMs each: page {median:0.000} s (< {Bar}), {size / 1e6:0.00} MB (< 3); all hosts read on this "
                + $"machine, doctor included: {reading:0.00} s"));
        return median < Bar && size < SizeBar ? 0 : 1;
    }

    private static LabHostNode Make(int vms)
    {
        var node = LabHostNode.Create(new LabOptions { Gpus = [.. Enumerable.Repeat("A40", 8)] });
        node.Host.Processes.RunAsync(
            new("/usr/lib/nvidia/sriov-manage", ["-e", "ALL"], TimeSpan.FromMinutes(1)), default)
            .GetAwaiter().GetResult();
        foreach (var (number, gpu) in node.Host.State.Gpus.Index())
        {
            var type = gpu.Model.Types.First(t => t.Name.EndsWith("A40-4Q", StringComparison.Ordinal)).Id;
            for (var vm = 0; vm < vms; vm++)
            {
                var id = 1000 + (number * 100) + vm;
                node.CreateVm(new VmId(id), $"0={gpu.FunctionAt(vm)},mdev=nvidia-{type}");
                if (node.Proxmox.StartAsync(new VmId(id)).GetAwaiter().GetResult().Error is { } error)
                {
                    throw new InvalidOperationException($"VM {id}: {error}");
                }
            }
        }

        return node;
    }

    private static ReportedHost Read(LabHostNode node, string name)
    {
        using var process = node.Host.BeginActor("report");
        var ports = node.Connect(_ => { });
        var report = new ReadHost(ports).Run(new ReadHostRequest(
            DriverMayBeMissing: true, WithAffinity: true, WithOtherGpus: true));
        report.Stamp(name);
        return new ReportedHost(name)
        {
            Report = report,
            Capacity = HostUseCases.ReadCapacity.RunAsync(
                ports, new ReadCapacityRequest(), new Progress<StepProgress>(), default).GetAwaiter().GetResult().Gpus,
            Checks = new RunDoctor(ports).RunAsync(new RunDoctorRequest(), default).GetAwaiter().GetResult().Checks,
        };
    }
}
