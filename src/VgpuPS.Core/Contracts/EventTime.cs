using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Inventory;

namespace VgpuPS.Core.Contracts;

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
        Parse(reader.GetString()) ?? throw new JsonException("it is no time");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(Form, CultureInfo.InvariantCulture));
}

/// <summary>How a line of the event log is written: camelCase, on one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VgpuEventInfo))]
public sealed partial class EventLogJsonContext : JsonSerializerContext;
