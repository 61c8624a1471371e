using System.Text.Json;
using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A change that was made on a host: a line of the event log.</summary>
public sealed record VgpuEventInfo : HostObject
{
    /// <summary>When; UTC, until a face shows it.</summary>
    [JsonConverter(typeof(EventTime))]
    public required DateTime Time { get; init; }

    /// <summary>Who: <c>hook</c>, <c>boot</c>, <c>sweep</c>, or the command's name.</summary>
    public required string Source { get; init; }

    /// <summary>The VM for which it was done; null for none.</summary>
    [JsonPropertyName("vm")]
    public int? VmId { get; init; }

    /// <summary>What was done: <c>createGpuInstance</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The object: <c>0000:4b:00.0 GI 3</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Its state before; empty for nothing.</summary>
    public string Before { get; set; } = "";

    /// <summary>Its state after; empty for nothing.</summary>
    public string After { get; set; } = "";

    /// <summary>What was done to what.</summary>
    public override string ToString() => $"{Action} {Target}";
}

/// <summary>Times in our own files: UTC, ISO 8601 with milliseconds.</summary>
public sealed class EventTime : JsonConverter<DateTime>
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Reads one; null where it is none.</summary>
    public static DateTime? Parse(string? text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, Styles, out var time) ? time : null;

    /// <inheritdoc/>
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString()) ?? throw new JsonException("it is not a time");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(Form, CultureInfo.InvariantCulture));
}
