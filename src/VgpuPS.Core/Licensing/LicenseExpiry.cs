using System.Globalization;

namespace VgpuPS.Core.Licensing;

/// <summary>The end of a licence as NVIDIA's programs print it.</summary>
/// <remarks>Source: facts/host-behaviour.md 9: digits are not zero padded, <c>2026-4-3 19:11:16 GMT</c>.</remarks>
public static class LicenseExpiry
{
    private static readonly string[] s_forms = ["yyyy-M-d H:m:s 'GMT'", "yyyy-M-d H:m:s"];

    /// <summary>Reads one; null for <c>N/A</c>, <c>Permanent</c>, and what is none.</summary>
    public static DateTimeOffset? Parse(string? text) => DateTime.TryParseExact(
        text?.Trim(), s_forms, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var time)
        ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))
        : null;

    /// <summary>Writes one as NVIDIA's programs do.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-M-d H:m:s 'GMT'", CultureInfo.InvariantCulture);
}
