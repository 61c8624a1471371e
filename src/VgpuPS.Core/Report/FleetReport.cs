using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <summary>What a report on hosts is made from.</summary>
public sealed record FleetReport
{
    /// <summary>Its heading.</summary>
    public required string Title { get; init; }

    /// <summary>When the hosts were read; all times of the report have its offset.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Version of the program that writes it.</summary>
    public required string Version { get; init; }

    /// <summary>The hosts, in the order in which they are shown.</summary>
    public required IReadOnlyList<ReportedHost> Hosts { get; init; }

    /// <summary>How many days of changes it shows.</summary>
    public required int EventDays { get; init; }

    /// <summary>Measurements; none where none were given.</summary>
    public IReadOnlyList<ReportChart> Charts { get; init; } = [];

    /// <summary>What vGPUs deliver; none where none were given.</summary>
    public IReadOnlyList<VgpuSharingInfo> Sharing { get; init; } = [];
}

/// <summary>What is known of a host.</summary>
/// <param name="Name">Name of its session.</param>
public sealed record ReportedHost(string Name)
{
    /// <summary>What is on it; null where it could not be read.</summary>
    public HostReport? Report { get; init; }

    /// <summary>How many more vGPUs each GPU takes, as Get-VgpuCapacity counts; none where that is not
    /// known.</summary>
    public IReadOnlyList<VgpuCapacityInfo> Capacity { get; init; } = [];

    /// <summary>What the doctor found, every check.</summary>
    public IReadOnlyList<VgpuHostTestInfo> Checks { get; init; } = [];

    /// <summary>Changes of the last days, the newest first.</summary>
    public IReadOnlyList<VgpuEventInfo> Events { get; init; } = [];

    /// <summary>How many changes of these days are not among them.</summary>
    public int EventsLeftOut { get; init; }

    /// <summary>What could not be read: the host itself, the doctor's checks, the event log.</summary>
    public IReadOnlyList<HostProblem> Failures { get; init; } = [];
}

/// <summary>A chart of measurements.</summary>
/// <param name="Title">What was measured, and of what.</param>
/// <param name="Unit">Unit of the values: <c>%</c>, <c>MiB</c>, <c>GB/s</c>.</param>
/// <param name="Kind">How it is drawn.</param>
/// <param name="Series">Its series, in the order of the legend.</param>
public sealed record ReportChart(string Title, string Unit, ChartKind Kind, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>Label of the other axis: a time where it is empty and the points have one.</summary>
    public string Axis { get; init; } = "";

    /// <summary>Values that bars are held against, such as a peak.</summary>
    public IReadOnlyList<ChartLevel> Levels { get; init; } = [];

    /// <summary>What <see cref="ChartPoint.Total"/> is, for the legend.</summary>
    public string Totals { get; init; } = "";

    /// <summary>A text below it; empty for none.</summary>
    public string Note { get; init; } = "";
}

/// <summary>A value that bars are held against.</summary>
/// <param name="Name">What it is: <c>peak</c>.</param>
/// <param name="Value">The value, in the chart's unit.</param>
public sealed record ChartLevel(string Name, double Value);

/// <summary>How a chart is drawn.</summary>
public enum ChartKind
{
    /// <summary>A line for each series, over time or a number.</summary>
    Lines,

    /// <summary>A group of bars for each label, a bar for each series.</summary>
    Bars,
}

/// <summary>Values of one subject.</summary>
/// <param name="Name">The subject: <c>VM 101</c>.</param>
/// <param name="Points">Its values, ascending position; for bars in the order of the groups.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>A value.</summary>
/// <param name="At">Where: seconds since the Unix epoch, or a number.</param>
/// <param name="Value">The value; null for one that was not to be had, which leaves a gap.</param>
/// <param name="Label">Name of the group, for bars.</param>
public sealed record ChartPoint(double At, double? Value, string Label = "")
{
    /// <summary>What the value is a part of; drawn around its bar. Null for none.</summary>
    public double? Total { get; init; }
}
