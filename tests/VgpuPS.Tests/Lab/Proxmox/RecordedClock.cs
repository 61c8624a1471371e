using System.Globalization;
using System.Text.RegularExpressions;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>A clock that moves when told; times of reservations relative to its start.</summary>
internal sealed partial class RecordedClock : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private DateTimeOffset _now = s_start;

    public override DateTimeOffset GetUtcNow() => _now;

    public void Pass(TimeSpan time) => _now += time;

    /// <summary><c>time:+60</c> as seconds since 1970.</summary>
    public static string Absolute(string text) => RelativeTime().Replace(text, match =>
        $"time:{s_start.ToUnixTimeSeconds() + long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)}");

    /// <summary>The reverse.</summary>
    public static string Relative(string text) => AbsoluteTime().Replace(text, match =>
    {
        var seconds = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            - s_start.ToUnixTimeSeconds();
        return "time:" + seconds.ToString("+0;-0;+0", CultureInfo.InvariantCulture);
    });

    [GeneratedRegex("time:([+-][0-9]+)")]
    private static partial Regex RelativeTime();

    [GeneratedRegex("time:([0-9]{9,})")]
    private static partial Regex AbsoluteTime();
}
