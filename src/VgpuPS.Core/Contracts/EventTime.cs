using System.Globalization;

namespace VgpuPS.Core.Contracts;

/// <summary>Times in our own files: UTC, ISO 8601.</summary>
public static class EventTime
{
    private const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Reads one; null where it is none.</summary>
    public static DateTime? Parse(string text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, Styles, out var time) ? time : null;
}
