using System.Diagnostics;
using System.Globalization;
using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Metrics;
using VgpuPS.Host;
using VgpuPS.Host.Operations.Metrics;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>
/// A collection of metrics on a simulated host with many vGPUs, as text: the whole run less the time inside the seams,
/// so less what driver and kernel would take, and the pause between samples of counters.
/// </summary>
/// <remarks>Source: design.md section 12.</remarks>
internal static class MetricsTime
{
    private const double Bar = 20;
    private const int WarmUp = 10;

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "gpus", "vgpus", "runs");
        var (gpus, vgpus, runs) = (
            options.Number("gpus", 8), options.Number("vgpus", 128), options.Number("runs", 60));
        Console.WriteLine(Conditions.Describe());
        var holds = Report("L40", "L40-3Q", gpus, vgpus, isMig: false, runs);
        holds &= Report("H200", "H200X-1-18C", gpus, gpus * 7, isMig: true, runs);
        return holds ? 0 : 1;
    }

    private static bool Report(string model, string type, int gpus, int vgpus, bool isMig, int runs)
    {
        var node = Make(model, type, gpus, vgpus, isMig);
        var own = new List<double>();
        var (calls, lines) = (0, 0);
        for (var run = 0; run < WarmUp + runs; run++)
        {
            var meter = new SeamMeter();
            var started = Stopwatch.GetTimestamp();
            var ports = HostWiring.Connect(
                new MeteredNvml(node.Host.Nvml, meter), new MeteredFiles(node.Host.Files, meter),
                new MeteredProcesses(node.Host.Processes, meter), node.Host.Clock, Environment.ProcessId, _ => { });
            var text = MetricText.Write(new ReadMetrics(ports).CollectAsync(default).GetAwaiter().GetResult());
            own.Add((Stopwatch.GetElapsedTime(started) - meter.Inside).TotalMilliseconds);
            (calls, lines) = (meter.Calls.Values.Sum(), text.Split('\n').Count(l => l.StartsWith('v')));
        }

        var warm = own.Skip(WarmUp).ToList();
        var median = Statistics.Quantile(warm, 0.5);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(median < Bar ? "PASS" : "FAIL")}  metrics of {gpus} {model}, {vgpus} vGPUs"
                + $"{(isMig ? " with MIG" : "")}: own time, warm median {median:0.0} ms "
                + $"p99 {Statistics.Quantile(warm, 0.99):0.0} (< {Bar}), first "
                + $"{own[0]:0.0}; {calls} NVML and file calls, {lines} samples"));
        return median < Bar;
    }

    private static LabHostNode Make(string model, string type, int gpus, int vgpus, bool isMig)
    {
        var node = LabHostNode.Create(new LabOptions
        {
            Gpus = [.. Enumerable.Repeat(model, gpus)],
            Backend = LabBackend.Vfio,
            PveVersion = "9.2",
        });
        node.Host.Edit(s => s.Gpus.ForEach(g => g.MigCurrent = g.MigPending = isMig));
        var vm = 101;
        foreach (var address in node.Host.State.Gpus.Select(g => g.Address).ToList())
        {
            node.Host.Processes.RunAsync(
                new ProcessRequest("/usr/lib/nvidia/sriov-manage", ["-e", address], TimeSpan.FromMinutes(1)), default)
                .GetAwaiter().GetResult();
            var gpu = node.Host.State.Gpus.First(g => g.Address == address);
            var id = gpu.Model.Types.First(t => t.Name.EndsWith(type, StringComparison.Ordinal)).Id;
            for (var index = 0; index < vgpus / gpus; index++, vm++)
            {
                node.CreateVm(new VmId(vm), $"0={gpu.FunctionAt(index)},mdev=nvidia-{id}");
                Shrink(node, vm);
                if (node.Proxmox.StartAsync(new VmId(vm)).GetAwaiter().GetResult().Error is { } error)
                {
                    throw new InvalidOperationException($"VM {vm}: {error}");
                }

                node.Host.SetLoad(vm, 40);
            }
        }

        return node;
    }

    /// <summary>128 VMs of the usual size are more than the simulated host has memory for.</summary>
    private static void Shrink(LabHostNode node, int vm)
    {
        const int Largest = 1 << 20;
        var path = node.ConfigPath(new VmId(vm));
        node.Host.Put(path, Encoding.UTF8.GetString(node.Host.Files.Read(path, Largest))
            .Replace("memory: 8192", "memory: 512", StringComparison.Ordinal));
    }
}
