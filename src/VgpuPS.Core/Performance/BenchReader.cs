using System.Text.Json;
using VgpuPS.Core.Json;
using VgpuPS.Core.Text;

namespace VgpuPS.Core.Performance;

/// <summary>Reads the JSON lines of <c>vgpu-bench</c>.</summary>
/// <param name="source">Where it ran, for display.</param>
/// <param name="target">The VM's number.</param>
internal sealed class BenchReader(string source, string target)
{
    /// <summary>Takes the lines one by one.</summary>
    /// <exception cref="UnreadableDataException">A line is none of the program's.</exception>
    public IEnumerable<BenchLine> Parse(string text)
    {
        if (text.Length == 0)
        {
            throw Refuse(null, "it is empty");
        }

        var texts = text.Split('\n', BenchOutput.MaxLines + 2);
        if (texts[^1].Length > 0)
        {
            throw texts.Length > BenchOutput.MaxLines + 1
                ? Refuse(texts.Length, $"there are more than {BenchOutput.MaxLines} lines")
                : Refuse(texts.Length, "it has no end: the output is cut");
        }

        return texts.SkipLast(1).Select((line, index) => ParseLine(line, index + 1));
    }

    /// <summary>Says that the output cannot be used.</summary>
    /// <param name="line">The line; null for all of it.</param>
    /// <param name="why">Why.</param>
    public UnreadableDataException Refuse(int? line, string why) => new(
        ErrorIds.BenchOutputUnusable,
        line is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"line {number} of vgpu-bench's output in {source}: {why}")
            : $"vgpu-bench's output in {source}: {why}",
        "measure again; if it happens again, update module and host to one version: Update-VgpuHost",
        target)
    { Line = line, Reason = why };

    private BenchLine ParseLine(string text, int number)
    {
        if (text.Length > BenchOutput.MaxLine)
        {
            throw Refuse(number, string.Create(CultureInfo.InvariantCulture, $"it has {text.Length} characters"));
        }

        try
        {
            using var document = JsonText.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new BenchLine(this, number, document.RootElement.Clone())
                : throw Refuse(number, "it is not a JSON object");
        }
        catch (JsonException e)
        {
            throw Refuse(number, $"it is not JSON: {VisibleText.Of(e.Message)}");
        }
    }
}

/// <summary>A line of <c>vgpu-bench</c>.</summary>
internal sealed class BenchLine
{
    private const double LatestMoment = 10_000_000_000;
    private const double LargestValue = 1e9;
    private const int LongestText = 200;

    private readonly BenchReader _lines;
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);

    public BenchLine(BenchReader lines, int number, JsonElement line)
    {
        (_lines, Number) = (lines, number);
        foreach (var member in line.EnumerateObject())
        {
            if (!_members.TryAdd(member.Name, member.Value))
            {
                throw Refuse($"it has two members '{VisibleText.Of(member.Name)}'");
            }
        }

        Kind = Text("kind");
    }

    /// <summary>Its number, from 1.</summary>
    public int Number { get; }

    /// <summary>What it says.</summary>
    public string Kind { get; }

    /// <summary>Says that it cannot be used.</summary>
    public UnreadableDataException Refuse(string why) => _lines.Refuse(Number, why);

    public BenchDevice ToDevice()
    {
        // A program of another version may have other members too, and is named first.
        if (Whole("version", 0, int.MaxValue) is var version && version != BenchOutput.Version)
        {
            throw Refuse(string.Create(CultureInfo.InvariantCulture,
                $"it is of version {version}, and this program reads version {BenchOutput.Version}"));
        }

        return new BenchDevice(
            Text("name"), Text("uuid"), (int)Whole("multiprocessors", 1, 100_000), Text("computeCapability"),
            Text("driver"), Whole("memoryMiB", 1, 1L << 40), Flag("simulated"));
    }

    public void CheckReady(Workload workload)
    {
        CheckWorkload(workload);
        Moment("unixSeconds");
        if (Text("check") is var check && check != "passed")
        {
            throw Refuse($"the check of its result is '{VisibleText.Of(check)}' and not 'passed'");
        }
    }

    public BenchSample ToSample()
    {
        var (start, end) = (Moment("startSeconds"), Moment("endSeconds"));
        Whole("count", 1, long.MaxValue);
        return end > start ? new BenchSample(start, end, Value("value"))
            : throw Refuse("its sample ends before it begins");
    }

    /// <summary>Checks the last line.</summary>
    /// <returns>How many samples it counts.</returns>
    public int CheckResult(Workload workload)
    {
        CheckWorkload(workload);
        if (Text("unit") is var unit && unit != workload.Unit)
        {
            throw Refuse($"its unit is '{VisibleText.Of(unit)}' and not {workload.Unit}");
        }

        foreach (var name in (string[])["value", "quartile1", "quartile3", "minimum", "maximum"])
        {
            Value(name);
        }

        Moment("seconds");
        return (int)Whole("samples", 1, int.MaxValue);
    }

    public double ToMoment()
    {
        return Moment("unixSeconds");
    }

    private void CheckWorkload(Workload workload)
    {
        if (Text("workload") is var found && found != workload.BenchArguments[0])
        {
            throw Refuse($"it is of workload '{VisibleText.Of(found)}' and not {workload.BenchArguments[0]}");
        }
    }

    private double Moment(string name) => Read(name) is var value and > 0 and < LatestMoment
        ? value : throw Refuse($"{name} is not a time");

    private double Value(string name) => Read(name) is var value and > 0 and <= LargestValue
        ? value : throw Refuse($"{name} is not a figure that a GPU can reach");

    private double Read(string name) => Find(name, JsonValueKind.Number).GetDouble();

    private long Whole(string name, long least, long most) =>
        Find(name, JsonValueKind.Number).TryGetInt64(out var value) && value >= least && value <= most
            ? value : throw Refuse($"{name} is not a whole number that it can be");

    private string Text(string name) => Find(name, JsonValueKind.String).GetString() is { Length: <= LongestText } text
        ? VisibleText.Of(text) : throw Refuse($"{name} is longer than {LongestText} characters");

    private bool Flag(string name) => _members.TryGetValue(name, out var value)
        ? value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw Refuse($"{name} is neither true nor false")
        : throw Refuse($"it has no member '{name}'");

    private JsonElement Find(string name, JsonValueKind kind) => !_members.TryGetValue(name, out var value)
        ? throw Refuse($"it has no member '{name}'")
        : value.ValueKind == kind ? value : throw Refuse($"{name} is not a {(kind == JsonValueKind.Number
            ? "number" : "text")}");
}
