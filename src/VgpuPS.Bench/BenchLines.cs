using System.Buffers;
using System.Text;
using System.Text.Json;

namespace VgpuPS.Bench;

/// <summary>What the program reports: a JSON object a line, with what it is under <c>kind</c>.</summary>
/// <remarks>Who reads them is in src/VgpuPS.Core/Performance; a member more is no new version, one less is.</remarks>
internal static class BenchLines
{
    /// <summary>Version of the lines.</summary>
    public const int Version = 1;

    /// <summary>The first line of all but <c>clock</c>.</summary>
    public static string Device(CudaDevice device) => Line("device", json =>
    {
        json.WriteNumber("version", Version);
        json.WriteString("name", device.Name);
        json.WriteString("uuid", device.Uuid);
        json.WriteNumber("multiprocessors", device.Multiprocessors);
        json.WriteString("computeCapability", string.Create(
            CultureInfo.InvariantCulture, $"{device.Capability / 10}.{device.Capability % 10}"));
        json.WriteString("driver", string.Create(
            CultureInfo.InvariantCulture, $"{device.DriverVersion / 1000}.{device.DriverVersion % 1000 / 10}"));
        json.WriteNumber("memoryMiB", device.MemoryBytes >> 20);
        json.WriteBoolean("simulated", false);
    });

    /// <summary>Set up, checked, warm.</summary>
    public static string Ready(string workload, DateTimeOffset time) => Line("ready", json =>
    {
        json.WriteString("workload", workload);
        json.WriteNumber("unixSeconds", Seconds(time));
        json.WriteString("check", "passed");
    });

    /// <summary>One interval.</summary>
    public static string Sample(Sample sample) => Line("sample", json =>
    {
        json.WriteNumber("startSeconds", Seconds(sample.Start));
        json.WriteNumber("endSeconds", Seconds(sample.End));
        json.WriteNumber("count", sample.Count);
        json.WriteNumber("value", sample.Value);
    });

    /// <summary>All of them.</summary>
    public static string Result(string workload, string unit, IReadOnlyList<Sample> samples, double seconds) =>
        Line("result", json =>
        {
            var quartiles = Quartiles.Of(samples.Select(s => s.Value));
            json.WriteString("workload", workload);
            json.WriteString("unit", unit);
            json.WriteNumber("value", quartiles.Median);
            json.WriteNumber("quartile1", quartiles.Lower);
            json.WriteNumber("quartile3", quartiles.Upper);
            json.WriteNumber("minimum", quartiles.Minimum);
            json.WriteNumber("maximum", quartiles.Maximum);
            json.WriteNumber("samples", samples.Count);
            json.WriteNumber("seconds", Math.Round(seconds, 6));
        });

    /// <summary>What time it is.</summary>
    public static string Clock(DateTimeOffset time) =>
        Line("clock", json => json.WriteNumber("unixSeconds", Seconds(time)));

    /// <summary>Unix time in seconds, to a tenth of a microsecond.</summary>
    private static decimal Seconds(DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerSecond;

    private static string Line(string kind, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
