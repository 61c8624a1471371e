using System.Globalization;
using VgpuPS.Core.Capacity;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using VgpuPS.Lab.Models;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>How long counting what fits on a fleet takes, once its GPUs are read: every type of every GPU, added up to
/// hosts and to all of them.</summary>
internal static class CapacityTime
{
    public const double Bar = 50;

    private static readonly string[] s_models = ["A30", "A100-80", "H200", "RTX PRO 6000", "L40S"];

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "hosts", "gpus", "runs");
        var (hosts, gpus, runs) = (
            options.Number("hosts", 100), options.Number("gpus", 8), options.Number("runs", 41));
        var random = new Random(1);
        var fleet = Enumerable.Range(0, hosts).Select(h => Enumerable.Range(0, gpus).Select(
            g => Fill(Read(s_models[h % s_models.Length], g, random.Next(2) == 0), random)).ToList()).ToList();
        var types = fleet.SelectMany(h => h).Sum(g => OfEachSize(g).Count());
        var times = new List<double>();
        var sum = 0;
        for (var run = 0; run < runs; run++)
        {
            var started = Environment.CpuUsage.TotalTime;
            sum = Count(fleet);
            times.Add((Environment.CpuUsage.TotalTime - started).TotalMilliseconds);
        }

        var median = Statistics.Quantile(times[1..], 0.5);
        Console.WriteLine(Conditions.Describe());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{hosts} hosts x {gpus} GPUs, {types} types counted, {sum} rows; ms of processor: first {times[0]:0.0}, "
                + $"median {median:0.0}, p99 {Statistics.Quantile(times[1..], 0.99):0.0}"));
        Console.WriteLine($"{(median < Bar ? "PASS" : "FAIL")}  capacity < {Bar} ms of processor (median)");
        return median < Bar ? 0 : 1;
    }

    private static int Count(IReadOnlyList<List<GpuState>> fleet)
    {
        var rules = new CapacityRules(new HashSet<PciAddress>());
        var hosts = fleet.SelectMany((gpus, h) => CapacitySum.Of(gpus.Select(g => Row(g, rules)), "Host", $"pve{h}"))
            .ToList();
        return hosts.Count + CapacitySum.Of(hosts, "Cluster", "*").Count;
    }

    private static VgpuCapacityInfo Row(GpuState gpu, CapacityRules rules)
    {
        var capacity = new RemainingCapacity(gpu, [], rules);
        return CapacitySum.Complete(new VgpuCapacityInfo
        {
            Scope = "Gpu",
            Model = gpu.Model,
            LimitedBy = "",
            LimitedByAfter = "",
            Types =
            [
                .. OfEachSize(gpu).Select(t => (Type: t, Count: capacity.Count(t))).Select(
                    t => new VgpuTypeCount(
                        t.Type.ShortName, t.Count.Count, t.Count.Count, CapacityLimitText.Of(t.Count.Limit),
                        CapacityLimitText.Of(t.Count.Limit))
                    { FramebufferMiB = t.Type.FramebufferMiB }),
            ],
        });
    }

    /// <summary>What the command counts where no type is named.</summary>
    private static IEnumerable<VgpuType> OfEachSize(GpuState gpu) =>
        gpu.Types.Values.Where(gpu.FitsMode).DistinctBy(t => (t.Profile, t.FramebufferMiB));

    private static GpuState Read(string name, int index, bool isMig)
    {
        var model = GpuModel.Load(name);
        var address = new PciAddress(0, (byte)(0x10 + index), 0, 0);
        var mig = isMig && model.Profiles.Count > 0;
        return new GpuState(
            new PhysicalFunction(address, 0x20b7, "nvidia", 0, model.TotalFunctions, model.TotalFunctions, 4, 1, false),
            new GpuUuid($"GPU-{index}"), model.Name, mig ? new MigMode(true, true) : null, false,
            [
                .. model.Profiles.Select(p => new GpuInstanceProfile(
                    new ProfileId(p.Id), p.Name, p.ComputeSlices, p.MemoryMiB, p.Multiprocessors, p.MaxInstances,
                    EngineCounts.None,
                    [.. p.PlacementStarts.Select(s => new Placement(s, p.PlacementSize))])),
            ],
            [],
            [
                .. Enumerable.Range(0, model.TotalFunctions).Select(i => new VirtualFunction(
                    address.Plus(4 + i), address, i, "nvidia", null, VgpuBackend.VendorVfio, null, [])),
            ],
            [],
            model.Types.ToDictionary(t => new VgpuTypeId(t.Id), t => new VgpuType(
                new VgpuTypeId(t.Id), t.Name, t.Class, t.FramebufferMiB, t.MaxInstances, t.MaxInstancesPerGpuInstance,
                t.GpuInstanceProfile is { } profile ? new ProfileId(profile) : null)));
    }

    /// <summary>Instances at random places, and vGPUs of one type on some functions.</summary>
    private static GpuState Fill(GpuState gpu, Random random)
    {
        var profile = gpu.MigIsOn ? gpu.Profiles[random.Next(gpu.Profiles.Count)] : null;
        var types = gpu.Types.Values.Where(t => t.Profile == profile?.Id).ToList();
        if (types.Count == 0)
        {
            return gpu;
        }

        var type = types[random.Next(types.Count)];
        var instances = profile is null ? [] : new List<GpuInstance>
        {
            new(new GpuInstanceId(1), profile.Id, profile.Placements[random.Next(profile.Placements.Count)], []),
        };
        var used = Math.Min(random.Next(3), profile is null ? type.MaxPerGpu : 1);
        return gpu with
        {
            Instances = instances,
            Functions = [.. gpu.Functions.Select((f, i) => i < used ? f with { CurrentType = type.Id } : f)],
        };
    }
}
