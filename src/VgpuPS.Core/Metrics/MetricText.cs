using System.Text;

namespace VgpuPS.Core.Metrics;

/// <summary>Writes samples as Prometheus reads them: text format 0.0.4.</summary>
/// <remarks>Source: facts/metrics.md A34 and A35: a metric in one block, no timestamps, no sample twice.</remarks>
public static class MetricText
{
    /// <summary>
    /// The text: metrics in the order of <see cref="MetricTable.All"/>, samples of a metric in the order given. Of
    /// samples with equal labels the first counts, since a reader refuses all where one comes twice.
    /// </summary>
    public static string Write(IEnumerable<MetricSample> samples)
    {
        var byFamily = samples.ToLookup(s => s.Family.Name, StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (var family in MetricTable.All)
        {
            var isBegun = false;
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var sample in byFamily[family.Name])
            {
                if (!isBegun)
                {
                    Begin(text, family);
                    isBegun = true;
                }

                var labels = Labels(sample);
                if (seen.Add(labels))
                {
                    text.Append(family.Name).Append(labels).Append(' ').Append(Number(sample.Value)).Append('\n');
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

    private static string Labels(MetricSample sample)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in sample.Pairs)
        {
            text.Append(text.Length == 0 ? '{' : ',').Append(name).Append("=\"")
                .Append(Escape(value).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return text.Length == 0 ? "" : text.Append('}').ToString();
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
