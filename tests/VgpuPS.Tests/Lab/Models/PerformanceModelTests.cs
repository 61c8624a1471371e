using FsCheck.Fluent;
using VgpuPS.Lab.Models;
using Xunit;

namespace VgpuPS.Tests.Lab.Models;

/// <summary>The model of how fast vGPUs are, against the article's table, and what must hold beyond it.</summary>
public sealed class PerformanceModelTests
{
    private static readonly (long, long, long) s_small = (1024, 1024, 1024);
    private static readonly (long, long, long) s_large = (8192, 8192, 16400);
    private static readonly GpuModelSpeed s_a30 = Speed("A30");

    /// <summary>Workload, time-sliced idle and loaded, MIG-backed idle and loaded.</summary>
    public static TheoryData<string, double, double, double, double> Table => new()
    {
        { "HostToDevice", 25.2, 6.3, 25.2, 6.3 },
        { "DeviceToHost", 26.2, 6.6, 26.3, 6.6 },
        { "DeviceMemory", 786, 160, 196, 196 },
        { "SmallGemm", 6680, 1410, 6550, 6550 },
        { "LargeGemm", 68800, 14500, 16000, 15300 },
    };

    /// <summary>Boards and what their formulae give: link, memory, TF32 (facts/measuring.md F.4).</summary>
    public static TheoryData<string, double, double, double> Peaks => new()
    {
        { "A30", 32, 933.1, 82.6 },
        { "A100-40", 32, 1555.2, 155.9 },
        { "NVIDIA A100 80GB PCIe", 32, 1935, 155.9 },
        { "NVIDIA H100 80GB HBM3", 64, 3352, 494.7 },
        { "NVIDIA L40S", 32, 864, 183.2 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void The_articles_table_comes_out(
        string workload, double sliced, double slicedLoaded, double mig, double migLoaded)
    {
        Assert.Equal(
            [sliced, slicedLoaded, mig, migLoaded],
            new[]
            {
                Each(workload, false, 1), Each(workload, false, 4), Each(workload, true, 1), Each(workload, true, 4),
            }.Select(v => Math.Round(v, v < 100 ? 6 : 3)));
    }

    [Theory]
    [InlineData("A30", 165)]
    [InlineData("A100-80", 300)]
    [InlineData("H100-PCIe", 350)]
    [InlineData("L40S", 350)]
    [InlineData("L4", 72)]
    public void Each_board_has_its_power_limit(string model, int watts) =>
        Assert.Equal(watts, GpuModel.Load(model).Speed!.PowerWatts);

    [Fact]
    public void Three_of_four_instances_stay_below_the_power_limit()
    {
        Assert.Equal(16000, Each("LargeGemm", true, 3), 6);
        Assert.Equal(1, Compute(true, 3, "LargeGemm").ClockFactor);
        Assert.Equal(15300.0 / 16000, Compute(true, 4, "LargeGemm").ClockFactor, 1e-9);
        Assert.Equal(1, Compute(true, 4, "SmallGemm").ClockFactor);
    }

    [Theory]
    [MemberData(nameof(Peaks))]
    public void Peaks_of_boards_follow_their_formulae(string board, double link, double memory, double tensor)
    {
        var speed = Speed(board);
        Assert.Equal(link, speed.PcieGBps);
        Assert.Equal(memory, speed.MemoryGBps, 0.5);
        Assert.Equal(tensor, speed.TensorGflops / 1000, 0.1);
    }

    [Fact]
    public void A_board_without_figures_has_the_articles_efficiency()
    {
        var h100 = Speed("NVIDIA H100 80GB HBM3");
        Assert.Equal(
            68800 / s_a30.TensorGflops, Rate(h100, Worker(h100, "LargeGemm")) / h100.TensorGflops, 1e-6);
        Assert.Equal(786 / s_a30.MemoryGBps, Rate(h100, Worker(h100, "DeviceMemory")) / h100.MemoryGBps, 1e-9);
        Assert.Equal(2 * 25.2, Rate(h100, Worker(h100, "HostToDevice")), 9);

        // An eighth of the memory, 16 of 132 multiprocessors.
        var part = Worker(h100, "DeviceMemory") with { GpuInstance = 7, Multiprocessors = 16, MemoryShare = 1.0 / 8 };
        Assert.Equal(196 / (s_a30.MemoryGBps / 4), Rate(h100, part) / (h100.MemoryGBps / 8), 1e-9);
    }

    [Fact]
    public void A_larger_instance_has_as_much_more()
    {
        var two = Worker(s_a30, "DeviceMemory") with { GpuInstance = 1, Multiprocessors = 28, MemoryShare = 0.5 };
        Assert.Equal(2 * 196, Rate(s_a30, two), 9);
        Assert.Equal(2 * 16000, Rate(s_a30, Instance("LargeGemm", 1) with { Multiprocessors = 28 }), 6);
    }

    [Fact]
    public void A_share_that_is_fixed_stays_where_the_others_idle()
    {
        var worker = Worker(s_a30, "DeviceMemory") with { Limit = 0.25 };
        Assert.Equal(786 / 4.0, Rate(s_a30, worker), 9);
        Assert.Equal(160, PerformanceModel.Compute(s_a30, [worker, worker, worker, worker]).Rates[3], 9);
    }

    [Fact]
    public void What_others_do_elsewhere_costs_nothing_in_an_instance_and_its_share_where_time_is_sliced()
    {
        var other = Worker(s_a30, "Other") with { Weight = 1 };
        Assert.Equal(320, PerformanceModel.Compute(s_a30, [Worker(s_a30, "DeviceMemory"), other]).Rates[0], 9);
        var load = other with { GpuInstance = 4, Multiprocessors = 14, MemoryShare = 0.25 };
        Assert.Equal(196, PerformanceModel.Compute(s_a30, [Instance("DeviceMemory", 3), load]).Rates[0], 9);
    }

    [Fact]
    public void Two_in_one_instance_share_it_at_the_price_of_switching()
    {
        var own = Instance("DeviceMemory", 3);
        var rates = PerformanceModel.Compute(s_a30, [own, own, Instance("DeviceMemory", 4)]).Rates;
        Assert.Equal([79.796, 79.796, 196], rates.Select(r => Math.Round(r, 3)));
    }

    [Fact]
    public void Copies_in_two_directions_do_not_share_the_link()
    {
        var rates = PerformanceModel.Compute(
            s_a30, [Worker(s_a30, "HostToDevice"), Worker(s_a30, "DeviceToHost"), Worker(s_a30, "DeviceMemory")]).Rates;
        Assert.Equal([25.2, 26.2, 786], rates.Select(r => Math.Round(r, 9)));
    }

    [Fact]
    public void Nobody_gets_more_than_there_is_and_one_more_never_makes_another_faster()
    {
        List<GpuModelSpeed> boards =
            [Speed("A30"), Speed("A100-40"), Speed("NVIDIA H100 80GB HBM3"), Speed("NVIDIA L40S"), Speed("T4")];
        var one = from kind in Gen.Elements("HostToDevice", "DeviceToHost", "DeviceMemory", "SmallGemm", "LargeGemm",
                "TensorLoop", "Other")
                  from weight in Gen.Choose(1, 10)
                  from limit in Gen.Choose(1, 4)
                  select (kind, weight / 10.0, 1.0 / limit);
        var cases = from board in Gen.Elements<GpuModelSpeed>(boards)
                    from mig in Gen.Elements(true, false)
                    from some in Gen.ListOf(one)
                    select (board, mig, some.Take(8).ToList());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var workers = c.Item3.Select((w, i) => Worker(c.board, w.kind) with
            {
                Weight = w.Item2,
                Limit = w.Item3,
                GpuInstance = c.mig ? (uint)i : null,
                Multiprocessors = c.mig ? c.board.Multiprocessors / 8 : c.board.Multiprocessors,
                MemoryShare = c.mig ? 0.125 : 1,
            }).ToList();
            var all = PerformanceModel.Compute(c.board, workers);
            var sums = Enum.GetValues<PerformanceDemand>().All(d => Sum(all, workers, d)
                <= PeakOf(c.board, d) * (1 + 1e-9));
            var fewer = PerformanceModel.Compute(c.board, [.. workers.SkipLast(1)]);
            return sums && all.Rates.All(r => r >= 0 && double.IsFinite(r)) && all.ClockFactor is > 0.9 and <= 1
                && fewer.Rates.Select((r, i) => all.Rates[i] <= r * (1 + Tolerance(workers[i])) + 1e-9).All(b => b);
        }).Holds(200);
    }

    [Fact]
    public void A_larger_product_is_never_slower_and_never_above_the_peak()
    {
        var size = Gen.Choose(1, 20_000);
        Prop.ForAll(size.Three().ToArbitrary(), s =>
        {
            var worker = Worker(s_a30, "SmallGemm") with { Size = (s.Item1, s.Item2, s.Item3) };
            var larger = worker with { Size = (s.Item1 * 2, s.Item2 * 2, s.Item3) };
            return Rate(s_a30, worker) <= Rate(s_a30, larger) + 1e-9 && Rate(s_a30, larger) < s_a30.TensorGflops;
        }).Holds(200);
    }

    // The article's four copies to the host come to a little more than one does.
    private static double Tolerance(PerformanceWorker worker) =>
        worker.Demand == PerformanceDemand.DeviceToHost ? (4 * 6.6 / 26.2) - 1 : 1e-9;

    private static double Sum(PerformanceRates rates, List<PerformanceWorker> workers, PerformanceDemand demand) =>
        rates.Rates.Where((_, i) => workers[i].Demand == demand).Sum();

    private static double PeakOf(GpuModelSpeed speed, PerformanceDemand demand) => demand switch
    {
        PerformanceDemand.HostToDevice or PerformanceDemand.DeviceToHost => speed.PcieGBps,
        PerformanceDemand.DeviceMemory => speed.MemoryGBps,
        PerformanceDemand.Other => 0,
        _ => speed.TensorGflops,
    };

    private static GpuModelSpeed Speed(string board) => GpuModel.Load(board).Speed!;

    private static double Rate(GpuModelSpeed speed, PerformanceWorker worker) =>
        PerformanceModel.Compute(speed, [worker]).Rates[0];

    private static double Each(string workload, bool mig, int count) => Compute(mig, count, workload).Rates.Average();

    private static PerformanceRates Compute(bool mig, int count, string workload) => PerformanceModel.Compute(
        s_a30,
        [.. Enumerable.Range(0, count).Select(i => mig ? Instance(workload, (uint)i + 3) : Worker(s_a30, workload))]);

    private static PerformanceWorker Instance(string workload, uint id) =>
        Worker(s_a30, workload) with { GpuInstance = id, Multiprocessors = 14, MemoryShare = 0.25 };

    private static PerformanceWorker Worker(GpuModelSpeed speed, string workload) => new(
        workload.EndsWith("Gemm", StringComparison.Ordinal)
            ? PerformanceDemand.Gemm : Enum.Parse<PerformanceDemand>(workload), speed.Multiprocessors, 1)
    {
        Size = workload == "SmallGemm" ? s_small : s_large,
    };
}
