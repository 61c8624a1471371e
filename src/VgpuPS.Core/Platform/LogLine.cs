using System.Text.RegularExpressions;
using VgpuPS.Core.Text;

namespace VgpuPS.Core.Platform;

/// <summary>A line of the kernel log or of a unit's journal.</summary>
/// <param name="Time">When it was written, UTC; null where the log does not say.</param>
/// <param name="Program">Who wrote it: <c>systemd</c>, <c>nvidia-vgpu-mgr</c>; empty for the kernel.</param>
/// <param name="Pid">The process that wrote it; null where the log does not say.</param>
/// <param name="Text">What it says, made visible: it can come from a guest.</param>
public sealed record LogLine(DateTimeOffset? Time, string Program, int? Pid, string Text)
{
    private const int MaxQuote = 240;

    private static readonly string[] s_errors =
    [
        "error", "fail", "not supported", "unsupported", "cannot", "unable", "timeout", "denied", "refused", "invalid",
    ];

    /// <summary>With its time, bounded, as evidence: <c>2026-11-30 12:00:05 UTC: error: …</c>.</summary>
    public string Quote
    {
        get
        {
            var text = Text.Length > MaxQuote ? $"{Text[..MaxQuote]}…" : Text;
            return Time is { } time
                ? string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd HH:mm:ss} UTC: {text}") : text;
        }
    }

    /// <summary>Whether it holds one of the phrases, in any case.</summary>
    public bool Has(IEnumerable<string> phrases) =>
        phrases.Any(p => Text.Contains(p, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it reads like a failure.</summary>
    public bool IsError => Has(s_errors);
}

/// <summary>Reads logs of the host.</summary>
/// <remarks>
/// Source: journalctl(1), <c>-o short-unix</c>: seconds since the Epoch, host, program, process; further lines of one
/// message are indented; what begins with <c>--</c> is journalctl's own. dmesg(1): seconds since the boot in brackets.
/// </remarks>
public static partial class HostLog
{
    /// <summary>Reads what journalctl prints.</summary>
    public static IReadOnlyList<LogLine> ParseJournal(IEnumerable<string> lines)
    {
        var found = new List<LogLine>();
        foreach (var line in lines.Where(l => !l.StartsWith("-- ", StringComparison.Ordinal)))
        {
            if (Journal().Match(line) is { Success: true } match)
            {
                found.Add(new LogLine(
                    FromSeconds(DateTimeOffset.UnixEpoch, match.Groups[1].Value), match.Groups[2].Value,
                    int.TryParse(match.Groups[3].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                        ? pid : null,
                    VisibleText.Of(match.Groups[4].Value.Trim())));
            }
            else if (line.Trim() is { Length: > 0 } text)
            {
                var shown = VisibleText.Of(text);
                found.Add(found.Count > 0 ? found[^1] with { Text = shown } : new LogLine(null, "", null, shown));
            }
        }

        return found;
    }

    /// <summary>Reads what dmesg prints.</summary>
    /// <param name="lines">Its lines.</param>
    /// <param name="start">When the host was started; null where that is unknown.</param>
    public static IReadOnlyList<LogLine> ParseKernel(IEnumerable<string> lines, DateTimeOffset? start) =>
    [
        .. lines.Select(l => Kernel().Match(l) is { Success: true } match
            ? new LogLine(
                start is { } boot ? FromSeconds(boot, match.Groups[1].Value) : null, "", null,
                VisibleText.Of(match.Groups[2].Value.Trim()))
            : new LogLine(null, "", null, VisibleText.Of(l.Trim()))),
    ];

    /// <summary>A unit's lines since it was last started; all of them where the journal has no start.</summary>
    /// <remarks>Source: public journals of the daemons: systemd's own lines <c>Starting …</c>, <c>Started …</c> are
    /// among the unit's.</remarks>
    public static IReadOnlyList<LogLine> LastRun(IReadOnlyList<LogLine> lines)
    {
        var start = lines.ToList().FindLastIndex(l => l.Program == "systemd"
            && l.Text.StartsWith("Starting ", StringComparison.Ordinal));
        return start < 0 ? lines : [.. lines.Skip(start + 1)];
    }

    /// <summary>The last lines that read like failures, for evidence; where none does, what was said last.</summary>
    /// <param name="lines">Lines of one run.</param>
    public static string QuoteErrors(IReadOnlyList<LogLine> lines)
    {
        const int Max = 3;
        var own = lines.Where(l => l.Program != "systemd").ToList();
        var errors = own.Where(l => l.IsError).ToList();
        return string.Join("; ", (errors.Count > 0 ? errors : own).TakeLast(errors.Count > 0 ? Max : 1)
            .Select(l => l.Quote));
    }

    private static DateTimeOffset? FromSeconds(DateTimeOffset start, string seconds) => decimal.TryParse(
        seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value < 100_000_000_000
        ? start.AddTicks((long)(value * TimeSpan.TicksPerSecond)) : null;

    [GeneratedRegex(@"^(\d{9,11}(?:\.\d{1,9})?) \S+ ([^\s:\[]+)(?:\[(\d+)\])?: (.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Journal();

    [GeneratedRegex(@"^\[\s*(\d{1,11}\.\d{1,9})\] ?(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Kernel();
}
