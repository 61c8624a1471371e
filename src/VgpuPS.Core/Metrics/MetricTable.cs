namespace VgpuPS.Core.Metrics;

/// <summary>All metrics: the one place from which text, cmdlet, chapter and tests have them.</summary>
/// <remarks>A metric's name, type and labels are for ever, as dashboards and rules know them.</remarks>
public static class MetricTable
{
    /// <summary>All of them, in the order of the text.</summary>
    public static IReadOnlyList<MetricFamily> All { get; } =
        [.. HostMetrics.All, .. RecordMetrics.All, .. GpuMetrics.All, .. InstanceMetrics.All, .. VgpuMetrics.All];

    private static readonly Dictionary<string, MetricFamily> s_byName =
        All.ToDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>A metric by name; null for one that this version does not know.</summary>
    public static MetricFamily? Find(string name) => s_byName.GetValueOrDefault(name);
}

/// <summary>Metrics that stand together; each is in the list by being made.</summary>
internal sealed class MetricGroup
{
    private const string Prefix = "vgpups_";

    private readonly List<MetricFamily> _all = [];

    /// <summary>All that were made, in that order.</summary>
    public IReadOnlyList<MetricFamily> All => _all;

    /// <summary>One that goes up and down.</summary>
    public MetricFamily Gauge(string name, string help, params IReadOnlyList<string> labels) =>
        Add(name, MetricType.Gauge, help, labels);

    /// <summary>One that only grows.</summary>
    public MetricFamily Counter(string name, string help, params IReadOnlyList<string> labels) =>
        Add(name, MetricType.Counter, help, labels);

    private MetricFamily Add(string name, MetricType type, string help, IReadOnlyList<string> labels)
    {
        var family = new MetricFamily(Prefix + name, type, help, [.. labels]);
        _all.Add(family);
        return family;
    }
}
