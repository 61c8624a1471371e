using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace VgpuPS.Core.Metrics;

/// <summary>A metric: what all of its samples have in common.</summary>
/// <param name="Name">Its name, <c>vgpups_…</c>, with its unit, and <c>_total</c> where it only grows.</param>
/// <param name="Type">Whether it only grows.</param>
/// <param name="Help">What it says, in one line.</param>
/// <param name="Labels">Names of its labels, in the order in which samples give their values.</param>
/// <remarks>Source: facts/metrics.md A33 and A34.</remarks>
public sealed record MetricFamily(string Name, MetricType Type, string Help, ImmutableArray<string> Labels)
{
    private static readonly string[] s_units =
        ["seconds", "bytes", "ratio", "watts", "joules", "celsius", "hertz", "percent"];

    /// <summary>Its base unit, as its name ends; null for a count, a state or information.</summary>
    public string? Unit => s_units.FirstOrDefault(
        u => Name.EndsWith($"_{u}", StringComparison.Ordinal)
            || Name.EndsWith($"_{u}_total", StringComparison.Ordinal));

    /// <summary>A sample of it.</summary>
    /// <param name="value">Its value, in <see cref="Unit"/>.</param>
    /// <param name="labels">Values of its labels; null where a label does not apply.</param>
    public MetricSample Sample(double value, params string?[] labels) => labels.Length == Labels.Length
        ? new MetricSample(this, value, ImmutableCollectionsMarshal.AsImmutableArray(labels))
        : throw new ArgumentException($"{Name} has {Labels.Length} labels", nameof(labels));

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}

/// <summary>Whether a metric only grows.</summary>
public enum MetricType
{
    /// <summary>It goes up and down.</summary>
    Gauge,

    /// <summary>It only grows, and begins again at 0 with what counts it.</summary>
    Counter,
}

/// <summary>A value of a metric.</summary>
/// <param name="Family">The metric.</param>
/// <param name="Value">The value, in the metric's unit.</param>
/// <param name="Labels">Values of its labels, in the order of their names; null where one does not apply.</param>
public sealed record MetricSample(MetricFamily Family, double Value, ImmutableArray<string?> Labels)
{
    /// <summary>Labels that apply, by name.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs => Family.Labels
        .Zip(Labels, (name, value) => KeyValuePair.Create(name, value ?? ""))
        .Where(p => p.Value.Length > 0);
}
