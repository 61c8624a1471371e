using System.Buffers;
using System.Text;

namespace VgpuPS.Core.Metrics;

/// <summary>Writes samples as Prometheus reads them: text format 0.0.4.</summary>
/// <remarks>Source: facts/metrics.md A34 and A35: a metric in one block, no timestamps, no sample twice.</remarks>
public static class MetricText
{
    private static readonly SearchValues<char> s_special = SearchValues.Create("\\\n\"");

    /// <summary>
    /// The text: metrics in the order of <see cref="MetricTable.All"/>, samples of a metric in the order given. Of
    /// samples with equal labels the first counts, since a reader refuses all where one comes twice.
    /// </summary>
    public static string Write(IEnumerable<MetricSample> samples)
    {
        var byFamily = samples.ToLookup(s => s.Family.Name, StringComparer.Ordinal);
        var text = new StringBuilder();
        var seen = new HashSet<MetricSample>(new SameLabels());
        foreach (var family in MetricTable.All)
        {
            seen.Clear();
            foreach (var sample in byFamily[family.Name])
            {
                if (seen.Count == 0)
                {
                    Begin(text, family);
                }

                if (seen.Add(sample))
                {
                    text.Append(family.Name);
                    AddLabels(text, family, sample);
                    text.Append(' ').Append(Number(sample.Value)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    private static void Begin(StringBuilder text, MetricFamily family)
    {
        text.Append("# HELP ").Append(family.Name).Append(' ')
            .Append(Escape(family.Help)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ')
            .Append(family.Type == MetricType.Counter ? "counter" : "gauge").Append('\n');
    }

    // A host with many vGPUs has thousands of samples: no iterator and no copy where there is nothing to escape.
    private static void AddLabels(StringBuilder text, MetricFamily family, MetricSample sample)
    {
        var before = '{';
        for (var i = 0; i < sample.Labels.Length; i++)
        {
            if (sample.Labels[i] is { Length: > 0 } value)
            {
                text.Append(before).Append(family.Labels[i]).Append("=\"")
                    .Append(value.AsSpan().ContainsAny(s_special)
                        ? Escape(value).Replace("\"", "\\\"", StringComparison.Ordinal) : value).Append('"');
                before = ',';
            }
        }

        text.Append(before == ',' ? "}" : "");
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Samples of one metric are one where their labels are; a value left out is empty.</summary>
    private sealed class SameLabels : IEqualityComparer<MetricSample>
    {
        public bool Equals(MetricSample? x, MetricSample? y)
        {
            for (var i = 0; i < x!.Labels.Length; i++)
            {
                if ((x.Labels[i] ?? "") != (y!.Labels[i] ?? ""))
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode(MetricSample obj)
        {
            var hash = default(HashCode);
            foreach (var value in obj.Labels)
            {
                hash.Add(value ?? "");
            }

            return hash.ToHashCode();
        }
    }
}
