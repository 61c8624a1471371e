using System.Text.Json;
using VgpuPS.Core.Json;
using VgpuPS.Core.Text;

namespace VgpuPS.Core.Performance;

/// <summary>Reads what programs of the CUDA samples, <c>nvbandwidth</c> and <c>cutlass_profiler</c> print.</summary>
/// <remarks>Source: facts/measuring.md F3, F6, F7 and F8.</remarks>
public static class CudaToolOutput
{
    // Assumed: what older samples called MB/s were 2^20 bytes.
    private const double OldMegabyte = 1048576 / 1e9;
    private const double LargestValue = 1e9;
    private const string CsvStart = "Problem,Provider,";

    /// <summary>The bandwidth that <c>bandwidthTest</c> prints for a size, in GB/s.</summary>
    /// <exception cref="FormatException">There is none; says why.</exception>
    public static CudaReading ReadBandwidthTest(string text, long bytes)
    {
        double? unit = null;
        double? value = null;
        var isPassed = false;
        foreach (var line in Lines(text))
        {
            if (line.StartsWith("Transfer Size (Bytes)", StringComparison.Ordinal))
            {
                unit = line.Contains("(GB/s)", StringComparison.Ordinal) ? 1
                    : line.Contains("(MB/s)", StringComparison.Ordinal) ? OldMegabyte
                    : throw new FormatException($"it prints in another unit: {VisibleText.Of(line)}");
            }
            else if (line.StartsWith("Result = ", StringComparison.Ordinal))
            {
                isPassed = line == "Result = PASS" ? true
                    : throw new FormatException($"it ended with '{VisibleText.Of(line)}'");
            }
            else if (unit is { } factor && Words(line) is [var size, var figure]
                && size == bytes.ToString(CultureInfo.InvariantCulture))
            {
                value = Figure(figure) * factor;
            }
        }

        return value is { } found && isPassed ? new CudaReading(found) : throw new FormatException(
            value is null ? $"it has no figure for {bytes} bytes" : "it has no line 'Result = PASS'");
    }

    /// <summary>The bandwidth that <c>nvbandwidth -j</c> prints for a test, in GB/s.</summary>
    /// <param name="text">Its standard output.</param>
    /// <param name="test">The test.</param>
    /// <param name="factor">How often a byte counts: 2 within device memory, which is read and written.</param>
    /// <exception cref="FormatException">There is none; says why.</exception>
    public static CudaReading ReadNvbandwidth(string text, string test, int factor)
    {
        var begin = text.IndexOf('{', StringComparison.Ordinal);
        if (begin < 0)
        {
            throw new FormatException("it printed no JSON");
        }

        try
        {
            using var document = JsonText.Parse(text[begin..]);
            var root = Member(document.RootElement, "nvbandwidth")
                ?? throw new FormatException("its JSON has no member nvbandwidth");
            if (Text(root, "error") is { Length: > 0 } error)
            {
                throw new FormatException($"it reports: {error}");
            }

            if (Member(root, "testcases") is not { ValueKind: JsonValueKind.Array } cases)
            {
                throw new FormatException("its JSON has no list testcases");
            }

            foreach (var one in cases.EnumerateArray().Where(c => Text(c, "name") == test))
            {
                return Text(one, "status") is "Passed" or null
                    ? new CudaReading(FirstOf(one, test) * factor)
                    : throw new FormatException($"the test {test} has the status {Text(one, "status")}");
            }

            throw new FormatException($"its JSON has no test {test}");
        }
        catch (JsonException e)
        {
            throw new FormatException($"its JSON cannot be read: {VisibleText.Of(e.Message)}", e);
        }
    }

    /// <summary>The fastest of the kernels that <c>cutlass_profiler</c> ran, in GFLOP/s.</summary>
    /// <exception cref="FormatException">There is none; says why.</exception>
    public static CudaReading ReadProfiler(string text, int m, int n, int k)
    {
        var lines = Lines(text).ToList();
        var header = lines.FindIndex(l => l.Contains(CsvStart, StringComparison.Ordinal));
        var found = header < 0 ? ReadBlocks(lines) : ReadCsv(lines[header], lines.Skip(header + 1), m, n, k);
        return found.OrderByDescending(f => f.Value).FirstOrDefault() ?? throw new FormatException(
            $"it has no kernel that ran for {m} x {n} x {k}: was it built for this GPU and for TF32?");
    }

    private static List<CudaReading> ReadCsv(string header, IEnumerable<string> rows, int m, int n, int k)
    {
        var names = header.Split(',');
        var (operation, status) = (Column("Operation"), Column("Status"));
        var (figure, sizes) = (Column("GFLOPs"), new[] { (Column("m"), m), (Column("n"), n), (Column("k"), k) });
        return
        [
            .. rows.Select(r => r.Split(','))
                .Where(cells => cells.Length == names.Length
                    && string.Equals(cells[status], "success", StringComparison.OrdinalIgnoreCase)
                    && sizes.All(s => cells[s.Item1] == s.Item2.ToString(CultureInfo.InvariantCulture)))
                .Select(cells => new CudaReading(Figure(cells[figure]), VisibleText.Of(cells[operation]))),
        ];

        int Column(string name) => Array.IndexOf(names, name) is >= 0 and var index
            ? index : throw new FormatException($"its table has no column {name}");
    }

    private static IEnumerable<CudaReading> ReadBlocks(List<string> lines)
    {
        string? operation = null;
        var isGood = false;
        foreach (var line in lines)
        {
            var at = line.IndexOf(':', StringComparison.Ordinal);
            var (key, value) = at < 0 ? (line, "") : (line[..at].Trim(), line[(at + 1)..].Trim());
            switch (key)
            {
                case "Operation":
                    (operation, isGood) = (VisibleText.Of(value), false);
                    break;
                case "Status":
                    isGood = string.Equals(value, "success", StringComparison.OrdinalIgnoreCase);
                    break;
                case "Math" when isGood:
                    yield return Words(value) is [var figure, "GFLOP/s"] ? new CudaReading(Figure(figure), operation)
                        : throw new FormatException($"it prints in another unit: {VisibleText.Of(line)}");
                    break;
            }
        }
    }

    // A guest has one device, so that the matrix has one cell that is a figure.
    private static double FirstOf(JsonElement test, string name)
    {
        if (Member(test, "bandwidth_matrix") is { ValueKind: JsonValueKind.Array } matrix)
        {
            foreach (var cell in matrix.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.Array)
                .SelectMany(r => r.EnumerateArray()))
            {
                var text = cell.ValueKind == JsonValueKind.String ? cell.GetString()! : cell.GetRawText();
                if (text != "N/A")
                {
                    return Figure(text);
                }
            }
        }

        throw new FormatException($"the test {name} has no figure");
    }

    private static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement of, string name) =>
        Member(of, name) is { ValueKind: JsonValueKind.String } value ? VisibleText.Of(value.GetString()!) : null;

    private static double Figure(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value is > 0 and <= LargestValue
            ? value : throw new FormatException($"'{VisibleText.Of(text)}' is not a figure that a GPU can reach");

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries).Where(l => l.Length > 0);

    private static string[] Words(string line) =>
        line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
