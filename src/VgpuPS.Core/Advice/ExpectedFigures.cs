using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Advice;

/// <summary>What a vGPU can be expected to deliver: as it was measured on its host, else by the article's ratios on
/// boards of its generation, else not known.</summary>
/// <param name="measurements">Results of <c>Measure-VgpuPerformance</c>.</param>
/// <remarks>
/// Source: facts/measuring.md F2, F21 and F23: figures of four vGPUs of an A30 each way, as parts of the board's peaks;
/// an instance has its share of SMs and memory, PCI Express is shared by all. Assumed: what switching costs with other
/// numbers of vGPUs than four, other Ampere boards than the A30, a small product, which does not fill a GPU and goes by
/// the speed of one SM, and that fixed and equal share limit all but PCI Express.
/// </remarks>
internal sealed class ExpectedFigures(IReadOnlyList<VgpuPerformanceInfo> measurements)
{
    public const string Measured = "Measured";
    public const string Article = "Article";
    public const string NotKnown = "NotKnown";

    private const double Vgpus = 4;
    private static readonly GpuPeak s_board = GpuPeak.Find(0x20b7)!;
    private static readonly string[] s_ampere = ["A30", "A100"];

    private static readonly ArticleFigures[] s_article =
    [
        new(Workload.HostToDevice, 25.2, 6.3, 25.2, 6.3),
        new(Workload.DeviceToHost, 26.2, 6.6, 26.3, 6.6),
        new(Workload.DeviceMemory, 786, 160, 196, 196),
        new(Workload.SmallGemm, 6680, 1410, 6550, 6550),
        new(Workload.LargeGemm, 68_800, 14_500, 16_000, 15_300),
    ];

    /// <summary>Finds them, a workload of the study each.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="seat">The vGPU.</param>
    /// <param name="vgpus">How many vGPUs the GPU has in all.</param>
    /// <param name="scheduler">Scheduler of its time-sliced vGPUs; null for a GPU of instances, or where there is
    /// none.</param>
    public IReadOnlyList<VgpuAdviceFigure> Find(
        AdviceGpu gpu, AdviceSeat seat, int vgpus, SchedulerPolicy? scheduler) =>
    [
        .. Workload.Study.Select(w => FindMeasured(gpu, seat, vgpus, scheduler, w)
            ?? FindArticle(gpu, seat, vgpus, scheduler, w)
            ?? new VgpuAdviceFigure(w.Name, w.Unit, null, null, NotKnown)),
    ];

    private VgpuAdviceFigure? FindMeasured(
        AdviceGpu gpu, AdviceSeat seat, int vgpus, SchedulerPolicy? scheduler, Workload workload)
    {
        var own = measurements.Where(m => m.Workload == workload.Name && m.VgpuType == seat.Type.Name
            && (scheduler is null || m.Conditions.Scheduler is null
                || m.Conditions.Scheduler == scheduler.ToString())
            && m.Model == gpu.Model && (AdviceLayout.Known(gpu.Address) is null || m.VgpuHost == gpu.Host)).ToList();
        var idle = Mean(own.Where(m => m.Mode == nameof(LoadMode.Idle)));
        var loaded = vgpus == 1 ? idle
            : Mean(own.Where(m => m.Mode == nameof(LoadMode.Loaded) && m.WorkingCount == vgpus));
        return idle is null && loaded is null ? null
            : new VgpuAdviceFigure(workload.Name, workload.Unit, idle, loaded, Measured);
    }

    private static double? Mean(IEnumerable<VgpuPerformanceInfo> rows) =>
        rows.Select(r => (double?)r.Value).Average();

    private static VgpuAdviceFigure? FindArticle(
        AdviceGpu gpu, AdviceSeat seat, int vgpus, SchedulerPolicy? scheduler, Workload workload)
    {
        if (!s_ampere.Any(b => gpu.ShortModel.StartsWith(b, StringComparison.Ordinal))
            || gpu.Peak is not { } peak)
        {
            return null;
        }

        var figures = s_article.First(f => f.Workload == workload);
        var isPcie = peak.Of(workload) == peak.PcieGBps && workload.Unit == Workload.HostToDevice.Unit
            && workload != Workload.DeviceMemory;
        var board = workload == Workload.SmallGemm
            ? peak.TensorGflops / peak.Multiprocessors / (s_board.TensorGflops / s_board.Multiprocessors)
            : peak.Of(workload) / s_board.Of(workload);
        var (idle, loaded) = gpu.FindProfile(seat.Type.Profile) is { } profile
            ? Instance(figures, workload, isPcie, ShareOf(gpu, profile, workload, peak), vgpus)
            : scheduler == SchedulerPolicy.FixedShare && !isPcie ? Share(figures, seat.Type.MaxPerGpu)
            : scheduler == SchedulerPolicy.EqualShare && !isPcie ? Share(figures, vgpus)
            : TimeSliced(figures, vgpus);
        return new VgpuAdviceFigure(workload.Name, workload.Unit, Round(idle * board), Round(loaded * board), Article);
    }

    /// <summary>A vGPU alone loses nothing; several share what is left after switching.</summary>
    private static (double Idle, double Loaded) TimeSliced(ArticleFigures figures, int vgpus) => vgpus == 1
        ? (figures.SlicedIdle, figures.SlicedIdle)
        : (figures.SlicedIdle, figures.SlicedLoaded * Vgpus / vgpus);

    /// <summary>With fixed and equal share one has its part of the time, whether the others work or not.</summary>
    private static (double Idle, double Loaded) Share(ArticleFigures figures, int parts)
    {
        var own = TimeSliced(figures, parts).Loaded;
        return (own, own);
    }

    /// <summary>An instance keeps its share; several vGPUs on one share it in time slices.</summary>
    private static (double Idle, double Loaded) Instance(
        ArticleFigures figures, Workload workload, bool isPcie, double share, int vgpus) => isPcie
        ? (figures.MigIdle, vgpus == 1 ? figures.MigIdle : figures.MigLoaded * Vgpus / vgpus)
        : workload == Workload.SmallGemm ? (figures.MigIdle, figures.MigLoaded)
        : (figures.MigIdle * share, (vgpus == 1 ? figures.MigIdle : figures.MigLoaded) * share);

    /// <summary>An instance's part of its board, in quarters: what the article's instances have.</summary>
    private static double ShareOf(AdviceGpu gpu, AdviceProfile profile, Workload workload, GpuPeak peak) => Vgpus
        * (workload == Workload.DeviceMemory
            ? (double)profile.Windows[0].Size / gpu.Profiles.SelectMany(p => p.Windows).Max(w => w.Start + w.Size)
            : (double)profile.Multiprocessors / peak.Multiprocessors);

    /// <summary>Three digits that count: ratios know no more.</summary>
    private static double Round(double value) =>
        double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Whether a figure for a GPU came from a model of one.</summary>
    public bool IsSimulated(AdviceGpu gpu) => measurements.Any(m =>
        m.IsSimulated && m.Model == gpu.Model && (AdviceLayout.Known(gpu.Address) is null || m.VgpuHost == gpu.Host));

    private sealed record ArticleFigures(
        Workload Workload, double SlicedIdle, double SlicedLoaded, double MigIdle, double MigLoaded);
}
