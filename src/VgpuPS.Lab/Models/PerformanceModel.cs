namespace VgpuPS.Lab.Models;

/// <summary>What a program in a guest asks of its vGPU.</summary>
public enum PerformanceDemand
{
    /// <summary>Copies from the host's memory.</summary>
    HostToDevice,

    /// <summary>Copies to the host's memory.</summary>
    DeviceToHost,

    /// <summary>Copies within the GPU's memory; each byte counts twice, read and written.</summary>
    DeviceMemory,

    /// <summary>Products of matrices on tensor cores in TF32.</summary>
    Gemm,

    /// <summary>Tensor cores without memory.</summary>
    TensorLoop,

    /// <summary>Anything else that uses the GPU, and nobody measures.</summary>
    Other,
}

/// <summary>One who works on a GPU.</summary>
/// <param name="Demand">What it asks for.</param>
/// <param name="Multiprocessors">Of its compute instance; those of the whole GPU where it is time-sliced.</param>
/// <param name="MemoryShare">Its instance's part of the memory's bandwidth, 0 to 1.</param>
internal sealed record PerformanceWorker(PerformanceDemand Demand, int Multiprocessors, double MemoryShare)
{
    /// <summary>GPU instance that it runs in; null where it is time-sliced.</summary>
    public uint? GpuInstance { get; init; }

    /// <summary>Share of time that it could use, 0 to 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Share of time that the scheduler gives it at most, 0 to 1.</summary>
    public double Limit { get; init; } = 1;

    /// <summary>Rows, columns and inner length of a product.</summary>
    public (long M, long N, long K) Size { get; init; }

    /// <summary>What is left of its speed, 0 to 1: less than 1 without a licence.</summary>
    public double Slowdown { get; init; } = 1;
}

/// <summary>What those who work on a GPU get at one moment.</summary>
/// <param name="Rates">GB/s or GFLOP/s of each, in the order of the workers; 0 for <see
/// cref="PerformanceDemand.Other"/>.</param>
/// <param name="Shares">Share of time that each has of the GPU or of its instance, 0 to 1; 0 for copies over PCI
/// Express.</param>
/// <param name="ClockFactor">What the power limit leaves of the clocks, 0 to 1.</param>
internal sealed record PerformanceRates(
    IReadOnlyList<double> Rates, IReadOnlyList<double> Shares, double ClockFactor);

/// <summary>A model of how fast vGPUs are side by side: no physics, but the article's figures and what follows from
/// them.</summary>
/// <remarks>
/// Source: facts/measuring.md F2 for an A30: PCI Express is shared equally by all who copy in one direction; memory and
/// multiprocessors are time-sliced, at a price of switching, or belong to an instance; a power limit cuts clocks where
/// all instances work at their full rate. F21 to F23 for other boards, sizes and profiles: the efficiencies and prices
/// are the A30's. Assumed: what lies between the article's points (other numbers of vGPUs, other products), a loop on
/// tensor cores alone, and that the price is the same for two who share as for four.
/// </remarks>
internal static class PerformanceModel
{
    private const double HostToDevice = 25.2;
    private const double DeviceToHost = 26.2;
    private const double DeviceToHostMig = 26.3;
    private const double DeviceToHostOfFour = 4 * 6.6;
    private const double Memory = 786;
    private const double MemoryOfFour = 4 * 160;
    private const double MemoryOfInstance = 196;
    private const double LoopEfficiency = 0.95;

    // Of the clocks when all multiprocessors work in MIG mode at their full rate.
    private const double PowerCap = 15300.0 / 16000;

    private static readonly GpuModelSpeed s_article = GpuModel.Load("A30").Speed!;
    private static readonly double s_memoryPrice = 1 - (MemoryOfFour / Memory);

    /// <summary>What each gets.</summary>
    /// <param name="speed">The board.</param>
    /// <param name="workers">All who work on the GPU.</param>
    public static PerformanceRates Compute(GpuModelSpeed speed, IReadOnlyList<PerformanceWorker> workers)
    {
        var times = ShareTime(workers);
        var bus = workers.Select((w, i) => SharePcie(speed, workers, i)).ToList();
        var rates = workers.Select((w, i) => w.Demand switch
        {
            PerformanceDemand.HostToDevice or PerformanceDemand.DeviceToHost => bus[i],
            PerformanceDemand.DeviceMemory => MemoryRate(speed, w) * times[i].Share
                * (1 - (s_memoryPrice * times[i].Others)),
            PerformanceDemand.Gemm => GemmRates.Of(speed, w) * times[i].Share
                * (1 - (GemmRates.Price(speed, w) * times[i].Others)),
            PerformanceDemand.TensorLoop => LoopEfficiency * GemmRates.PeakOf(speed, w) * times[i].Share
                * (1 - (GemmRates.LargePrice * times[i].Others)),
            _ => 0,
        }).ToList();
        var factor = FindClockFactor(speed, workers, times);
        return new PerformanceRates(
            [
                .. rates.Select((rate, i) => rate * workers[i].Slowdown
                    * (workers[i].Demand is PerformanceDemand.Gemm or PerformanceDemand.TensorLoop ? factor : 1)),
            ],
            [.. times.Select(t => t.Share)], factor);
    }

    private static bool IsOnPcie(PerformanceWorker worker) =>
        worker.Demand is PerformanceDemand.HostToDevice or PerformanceDemand.DeviceToHost;

    // Copies need no time of the multiprocessors: their engines are scheduled apart (assumed).
    private static List<(double Share, double Others)> ShareTime(IReadOnlyList<PerformanceWorker> workers)
    {
        var result = new (double Share, double Others)[workers.Count];
        foreach (var group in workers.Select((Worker, Index) => (Worker, Index)).Where(w => !IsOnPcie(w.Worker))
            .GroupBy(w => w.Worker.GpuInstance))
        {
            var members = group.ToList();
            var wanted = members.Select(m => Math.Min(m.Worker.Weight, m.Worker.Limit)).ToList();
            var shares = Divide(wanted);
            foreach (var (member, at) in members.Select((m, at) => (m, at)))
            {
                result[member.Index] = (
                    shares[at], Math.Min(1, members.Where(m => m != member).Sum(m => m.Worker.Weight)));
            }
        }

        return [.. result];
    }

    // Everybody gets what they want as long as there is enough, else the same.
    private static double[] Divide(List<double> wanted)
    {
        var shares = new double[wanted.Count];
        var (left, count) = (1.0, wanted.Count);
        foreach (var (want, at) in wanted.Select((w, at) => (w, at)).OrderBy(w => w.w))
        {
            shares[at] = Math.Min(want, left / count);
            left -= shares[at];
            count--;
        }

        return shares;
    }

    private static double SharePcie(GpuModelSpeed speed, IReadOnlyList<PerformanceWorker> workers, int index)
    {
        var own = workers[index];
        if (!IsOnPcie(own))
        {
            return 0;
        }

        var users = workers.Select((Worker, Index) => (Worker, Index))
            .Where(w => w.Worker.Demand == own.Demand || w.Worker.Demand == PerformanceDemand.Other).ToList();
        var shares = Divide([.. users.Select(u => u.Worker.Weight)]);
        var part = Math.Clamp((users.Sum(u => u.Worker.Weight) - 1) / 3, 0, 1);
        var alone = own.Demand == PerformanceDemand.HostToDevice ? HostToDevice
            : own.GpuInstance is null ? DeviceToHost : DeviceToHostMig;
        var together = own.Demand == PerformanceDemand.HostToDevice ? HostToDevice : DeviceToHostOfFour;
        return (alone + ((together - alone) * part)) / s_article.PcieGBps * speed.PcieGBps
            * shares[users.FindIndex(u => u.Index == index)];
    }

    private static double MemoryRate(GpuModelSpeed speed, PerformanceWorker worker) =>
        (worker.GpuInstance is null ? Memory : 4 * MemoryOfInstance) / s_article.MemoryGBps
            * speed.MemoryGBps * worker.MemoryShare;

    private static double FindClockFactor(
        GpuModelSpeed speed, IReadOnlyList<PerformanceWorker> workers, List<(double Share, double Others)> times)
    {
        var work = workers.Select((w, i) => w.GpuInstance is null ? 0 : times[i].Share * w.Multiprocessors
            / speed.Multiprocessors * (w.Demand switch
            {
                PerformanceDemand.Gemm => GemmRates.Use(speed, w),
                PerformanceDemand.TensorLoop or PerformanceDemand.Other => 1,
                _ => 0,
            })).Sum();
        return work > PowerCap ? PowerCap / work : 1;
    }
}

/// <summary>How fast products of matrices are, alone.</summary>
/// <remarks>
/// Source: facts/measuring.md F1, F2: the article's kernel makes tiles of 256 x 128; a small product has too few of
/// them to fill a GPU, so that it is as fast on a quarter of it. The curve between "few tiles" and "as fast as it gets"
/// is the one through the article's four figures (assumed).
/// </remarks>
internal static class GemmRates
{
    private const double Small = 6680;
    private const double SmallMig = 6550;
    private const double Large = 68800;
    private const double LargeMig = 16000;
    private const double SmallOfFour = 4 * 1410;
    private const double LargeOfFour = 4 * 14500;
    private const int ArticlesInstance = 14;
    private const double SmallTiles = 4 * 8;
    private const double LargeTiles = 32 * 64;

    private static readonly GpuModelSpeed s_article = GpuModel.Load("A30").Speed!;
    private static readonly Curve s_curve = Fit();
    private static readonly double s_smallPrice = 1 - (SmallOfFour / Small);

    /// <summary>Price of switching for products that fill the GPU.</summary>
    public static double LargePrice { get; } = 1 - (LargeOfFour / Large);

    /// <summary>GFLOP/s of a product for one who has the time of its multiprocessors alone.</summary>
    public static double Of(GpuModelSpeed speed, PerformanceWorker worker)
    {
        if (speed.TensorOperations == 0)
        {
            return 0;
        }

        var perMultiprocessor = speed.TensorGflops / speed.Multiprocessors
            / (s_article.TensorGflops / s_article.Multiprocessors);
        return Join(Most(worker) * perMultiprocessor, LimitOf(worker.Size) * perMultiprocessor, s_curve.Bend);
    }

    /// <summary>Peak of the worker's multiprocessors in GFLOP/s.</summary>
    public static double PeakOf(GpuModelSpeed speed, PerformanceWorker worker) =>
        speed.TensorGflops / speed.Multiprocessors * worker.Multiprocessors;

    /// <summary>How much of what its multiprocessors reach at most a product uses, 0 to 1.</summary>
    public static double Use(GpuModelSpeed speed, PerformanceWorker worker)
    {
        var most = PeakOf(speed, worker) * (worker.GpuInstance is null
            ? Large / s_article.TensorGflops
            : LargeMig / (s_article.TensorGflops / s_article.Multiprocessors * ArticlesInstance));
        return most > 0 ? Math.Min(1, Of(speed, worker) / most) : 0;
    }

    /// <summary>Part of a product's speed that is lost where others work too.</summary>
    public static double Price(GpuModelSpeed speed, PerformanceWorker worker)
    {
        const double SmallUse = Small / Large;
        var part = Math.Clamp((Use(speed, worker) - SmallUse) / (1 - SmallUse), 0, 1);
        return s_smallPrice + ((LargePrice - s_smallPrice) * part);
    }

    // On the article's board: what the multiprocessors reach with tiles without end.
    private static double Most(PerformanceWorker worker) => worker.GpuInstance is null
        ? Large * worker.Multiprocessors / s_article.Multiprocessors
        : LargeMig * worker.Multiprocessors / ArticlesInstance;

    // What so many tiles reach at most, however many multiprocessors there are; those of the large product do all.
    private static double LimitOf((long M, long N, long K) size)
    {
        var tiles = Math.Ceiling(size.M / 256.0) * Math.Ceiling(size.N / 128.0);
        return tiles < LargeTiles ? s_curve.Tile * tiles / (1 - (tiles / LargeTiles)) : double.PositiveInfinity;
    }

    private static double Join(double most, double limit, double bend) =>
        Math.Pow(Math.Pow(most, -bend) + Math.Pow(limit, -bend), -1 / bend);

    // The bend for which a small product on the article's instance comes out; the other three come out with any.
    private static Curve Fit()
    {
        var (low, high) = (2.0, 6.0);
        while (true)
        {
            var bend = (low + high) / 2;
            var limit = Math.Pow(Math.Pow(Small, -bend) - Math.Pow(Large, -bend), -1 / bend);
            if (high - low < 1e-12)
            {
                return new Curve(bend, limit * (1 - (SmallTiles / LargeTiles)) / SmallTiles);
            }

            (low, high) = Join(LargeMig, limit, bend) < SmallMig ? (bend, high) : (low, bend);
        }
    }

    private sealed record Curve(double Bend, double Tile);
}
