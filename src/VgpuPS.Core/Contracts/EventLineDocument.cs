using System.Globalization;
using System.Text.Json.Serialization;

namespace VgpuPS.Core.Contracts;

/// <summary>One line of the event log.</summary>
/// <param name="Time">When, UTC, ISO 8601 with milliseconds.</param>
/// <param name="Source">Who changed it.</param>
/// <param name="Vm">The VM for which it was done; null for none.</param>
/// <param name="Action">What was done.</param>
/// <param name="Target">The object.</param>
/// <param name="Before">Its state before; empty for nothing.</param>
/// <param name="After">Its state after; empty for nothing.</param>
public sealed record EventLineDocument(
    string Time, string Source, int? Vm, string Action, string Target, string Before, string After);

/// <summary>How a line of the event log is written: camelCase, on one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EventLineDocument))]
public sealed partial class EventLogJsonContext : JsonSerializerContext;

/// <summary>Times in our own files: UTC, ISO 8601.</summary>
public static class EventTime
{
    private const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Reads one; null where it is none.</summary>
    public static DateTime? Parse(string text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, Styles, out var time) ? time : null;
}
