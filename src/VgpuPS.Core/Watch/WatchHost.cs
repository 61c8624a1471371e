using VgpuPS.Core.Metrics;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Watch;

/// <summary>What was last read of a host.</summary>
/// <param name="Name">The session's name.</param>
/// <param name="Report">The host; null before its first answer.</param>
/// <param name="Loads">What its GPUs and vGPUs do.</param>
/// <param name="Problem">Why it was not read since; null where it was.</param>
/// <param name="Age">How old the report is.</param>
public sealed record WatchHost(
    string Name, HostReport? Report, WatchLoads Loads, string? Problem, TimeSpan Age);

/// <summary>Loads of a host's GPUs and vGPUs; what is not to be had is missing, never 0.</summary>
/// <param name="Gpus">By GPU address.</param>
/// <param name="Vgpus">By the address of the vGPU's function.</param>
/// <remarks>Source: facts/metrics.md A28, A38.</remarks>
public sealed record WatchLoads(
    IReadOnlyDictionary<string, GpuLoad> Gpus, IReadOnlyDictionary<string, WatchLoad> Vgpus)
{
    /// <summary>Nothing is known.</summary>
    public static WatchLoads None { get; } = new(
        new Dictionary<string, GpuLoad>(), new Dictionary<string, WatchLoad>());

    /// <summary>Metrics that it is made of.</summary>
    public static IReadOnlyList<string> Metrics { get; } =
    [
        GpuMetrics.Busy.Name, GpuMetrics.Power.Name, GpuMetrics.PowerLimit.Name, GpuMetrics.Temperature.Name,
        VgpuMetrics.Sm.Name, VgpuMetrics.FramebufferUsed.Name,
    ];

    /// <summary>Joins the samples of a host.</summary>
    public static WatchLoads Of(IReadOnlyList<VgpuMetricInfo> samples)
    {
        var gpus = samples.Where(s => s is { GpuAddress: not null, FunctionAddress: null, GpuInstanceId: null })
            .GroupBy(s => s.GpuAddress!);
        var vgpus = samples.Where(s => s.FunctionAddress is not null).GroupBy(s => s.FunctionAddress!);
        return new WatchLoads(
            gpus.ToDictionary(g => g.Key, g => new GpuLoad(
                Find(g, GpuMetrics.Busy), Find(g, GpuMetrics.Power), Find(g, GpuMetrics.PowerLimit),
                Find(g, GpuMetrics.Temperature))),
            vgpus.ToDictionary(
                v => v.Key, v => new WatchLoad(Find(v, VgpuMetrics.Sm), Find(v, VgpuMetrics.FramebufferUsed))));
    }

    private static double? Find(IEnumerable<VgpuMetricInfo> samples, MetricFamily family) =>
        samples.FirstOrDefault(s => s.Metric == family.Name)?.Value;
}

/// <summary>What a GPU does.</summary>
/// <param name="Busy">Share of time in which it was busy, 0 to 1.</param>
/// <param name="Watts">Power draw.</param>
/// <param name="LimitWatts">Power limit in effect.</param>
/// <param name="Celsius">Temperature.</param>
public sealed record GpuLoad(double? Busy, double? Watts, double? LimitWatts, double? Celsius);

/// <summary>What a vGPU does.</summary>
/// <param name="Busy">Its share of the GPU, or of its GPU instance, 0 to 1.</param>
/// <param name="FramebufferUsedBytes">Frame buffer that its VM uses.</param>
public sealed record WatchLoad(double? Busy, double? FramebufferUsedBytes);

/// <summary>How the view is laid out.</summary>
public sealed record WatchOptions
{
    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = 80;

    /// <summary>Lines of the terminal; null for as many as there are.</summary>
    public int? Height { get; init; }

    /// <summary>Order of the vGPUs of a GPU.</summary>
    public WatchOrder Order { get; init; }

    /// <summary>Text that a VM's number or name, a type, a host or a licence has; all where it is empty.</summary>
    public string Filter { get; init; } = "";

    /// <summary>Whether the terminal shows more than ASCII.</summary>
    public bool HasBlocks { get; init; }

    /// <summary>Time of the frame.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Time between frames.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Order of vGPUs in the live view.</summary>
public enum WatchOrder
{
    /// <summary>By VM number.</summary>
    Vm,

    /// <summary>The busiest first.</summary>
    Load,

    /// <summary>The fullest frame buffer first.</summary>
    Memory,

    /// <summary>By function.</summary>
    Function,
}
