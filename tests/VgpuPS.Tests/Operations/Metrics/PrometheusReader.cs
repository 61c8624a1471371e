using System.Globalization;
using System.Text;
using Xunit;

namespace VgpuPS.Tests.Operations.Metrics;

/// <summary>A second reader of the text, by the letter of the format: whatever is not in it fails.</summary>
/// <remarks>Source: facts/metrics.md A34 and A35.</remarks>
internal sealed class PrometheusReader
{
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);
    private string _current = "";

    /// <summary>Samples as name, labels and value.</summary>
    public List<(string Name, Dictionary<string, string> Labels, double Value)> Samples { get; } = [];

    public static PrometheusReader Read(string text)
    {
        var reader = new PrometheusReader();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        foreach (var line in text[..^1].Split('\n'))
        {
            reader.ReadLine(line);
        }

        return reader;
    }

    private void ReadLine(string line)
    {
        var words = line.Split(' ', 4);
        if (words[0] == "#")
        {
            Assert.Contains(words[1], (string[])["HELP", "TYPE"]);
            if (words[1] == "HELP")
            {
                // A metric is one block: one that has ended does not begin again.
                Assert.True(_done.Add(words[2]), line);
                _current = words[2];
            }
            else
            {
                Assert.Equal(_current, words[2]);
                Assert.Contains(words[3], (string[])["gauge", "counter"]);
                Assert.True(_types.TryAdd(words[2], words[3]), line);
            }

            return;
        }

        var at = line.IndexOfAny(['{', ' ']);
        var name = line[..at];
        Assert.Equal(_current, name);
        Assert.True(_types.ContainsKey(name), line);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (line[at] == '{')
        {
            at = ReadLabels(line, at + 1, labels);
        }

        Assert.True(
            _series.Add(name + string.Join(',', labels.OrderBy(l => l.Key, StringComparer.Ordinal))), line);
        Assert.Equal(' ', line[at]);
        Samples.Add((name, labels, double.Parse(line[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture)));
    }

    private static int ReadLabels(string line, int at, Dictionary<string, string> labels)
    {
        while (true)
        {
            var end = line.IndexOf("=\"", at, StringComparison.Ordinal);
            var (name, value) = (line[at..end], new StringBuilder());
            Assert.Matches("^[a-z_]+$", name);
            at = end + 2;
            while (line[at] != '"')
            {
                if (line[at] == '\\')
                {
                    at++;
                    value.Append(line[at] switch
                    {
                        'n' => '\n',
                        '"' => '"',
                        '\\' => '\\',
                        _ => throw new FormatException(line),
                    });
                }
                else
                {
                    value.Append(line[at]);
                }

                at++;
            }

            labels.Add(name, value.ToString());
            at++;
            if (line[at] == '}')
            {
                return at + 1;
            }

            Assert.Equal(',', line[at++]);
        }
    }
}
