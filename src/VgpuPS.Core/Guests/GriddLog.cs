namespace VgpuPS.Core.Guests;

/// <summary>The log of the licence service, of Linux (<c>nvidia-gridd</c>) or Windows.</summary>
/// <param name="Events">Its lines that say something, oldest first.</param>
/// <remarks>Source: facts/host-behaviour.md 9; on Windows a line begins <c>DAY DATE:&lt;1&gt;:</c>.</remarks>
public sealed record GriddLog(IReadOnlyList<GriddEvent> Events)
{
    private const string AcquiredMark = "License acquired successfully.";
    private const string AcquiringMark = "Acquiring license.";
    private const string FailedMark = "Failed to acquire license from ";

    /// <summary>Begins what journalctl says itself: <c>-- No entries --</c>, <c>-- Boot … --</c>.</summary>
    private const string JournalMark = "-- ";

    /// <summary>The last outcome of the licence: acquired or failed; null where there is none.</summary>
    public GriddEvent? Outcome => Events.LastOrDefault(e => e.Kind is GriddEventKind.Acquired or GriddEventKind.Failed);

    /// <summary>That guest and host driver do not fit, unless a licence was acquired since; null for none.</summary>
    public GriddEvent? DriverMismatch => Events.LastOrDefault(
        e => e.Kind is GriddEventKind.DriverMismatch or GriddEventKind.DriverTooOld or GriddEventKind.DriverTooNew
            or GriddEventKind.Acquired) is { Kind: not GriddEventKind.Acquired } last ? last : null;

    /// <summary>The server that was asked last; null where none was.</summary>
    public string? Server => Events.LastOrDefault(e => e.Server is not null)?.Server;

    /// <summary>Whether a line of that kind is there.</summary>
    public bool Has(GriddEventKind kind) => Events.Any(e => e.Kind == kind);

    /// <summary>Reads a log.</summary>
    public static GriddLog Parse(string text) => new([.. text.Split('\n', StringSplitOptions.TrimEntries)
        .Where(l => !l.StartsWith(JournalMark, StringComparison.Ordinal)).Select(Strip).Where(l => l.Length > 0)
        .Select(ParseLine)]);

    /// <summary>The last lines, for display.</summary>
    public IReadOnlyList<string> LastLines(int count) => [.. Events.TakeLast(count).Select(e => e.Text)];

    // The time, host and program of the journal, or the time and level of Windows.
    private static string Strip(string line)
    {
        var program = line.IndexOf("nvidia-gridd", StringComparison.Ordinal);
        if (program >= 0 && line.IndexOf(": ", program, StringComparison.Ordinal) is var end and > 0)
        {
            return line[(end + 2)..].Trim();
        }

        var level = line.IndexOf(":<", StringComparison.Ordinal);
        return level > 0 && level + 4 < line.Length && line.AsSpan(level + 3, 2).SequenceEqual(">:")
            ? line[(level + 5)..].Trim() : line;
    }

    private static GriddEvent ParseLine(string line)
    {
        if (line.StartsWith(AcquiredMark, StringComparison.OrdinalIgnoreCase))
        {
            // (Info: api.cls.licensing.nvidia.com, NVIDIA Virtual Compute Server; Expiry: 2026-4-3 19:11:16 GMT)
            var info = Info(line);
            var (server, product) = Cut(Before(info, "; Expiry:"), ',');
            return new GriddEvent(GriddEventKind.Acquired, line, server, product);
        }

        if (line.StartsWith(AcquiringMark, StringComparison.OrdinalIgnoreCase))
        {
            var (server, product) = Cut(Info(line), ';');
            return new GriddEvent(GriddEventKind.Acquiring, line, server, product);
        }

        if (line.StartsWith(FailedMark, StringComparison.OrdinalIgnoreCase))
        {
            var info = Info(line);
            return new GriddEvent(
                GriddEventKind.Failed, line, Before(line[FailedMark.Length..], " ("), Before(info, " - Error:"),
                After(info, " - Error:"));
        }

        return new GriddEvent(KindOf(line), line);
    }

    private static GriddEventKind KindOf(string line) =>
        Has(line, "Unable to fetch the client configuration token") ? GriddEventKind.TokenMissing
        : Has(line, "Failed to open file") && Has(line, "gridd.conf") ? GriddEventKind.ConfMissing
        : Has(line, "Valid GRID license not found") ? GriddEventKind.NotLicensed
        : Has(line, "Guest VGX version is newer") ? GriddEventKind.DriverTooNew
        : Has(line, "Guest VGX version is older") ? GriddEventKind.DriverTooOld
        : Has(line, "Incompatible Guest/Host drivers") ? GriddEventKind.DriverMismatch
        : Has(line, "License returned successfully") ? GriddEventKind.Released
        : line.StartsWith("Started (", StringComparison.Ordinal) ? GriddEventKind.Started
        : GriddEventKind.Other;

    private static bool Has(string line, string text) => line.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static string Info(string line)
    {
        var from = line.IndexOf("(Info:", StringComparison.OrdinalIgnoreCase);
        var to = line.LastIndexOf(')');
        return from < 0 ? "" : line[(from + 6)..(to > from ? to : line.Length)].Trim();
    }

    private static (string? Left, string? Right) Cut(string text, char mark)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (Text(text), null) : (Text(text[..at]), Text(text[(at + 1)..]));
    }

    private static string Before(string text, string mark)
    {
        var at = text.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
        return (at < 0 ? text : text[..at]).Trim();
    }

    private static string? After(string text, string mark)
    {
        var at = text.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : Text(text[(at + mark.Length)..]);
    }

    private static string? Text(string text) => text.Trim() is { Length: > 0 } some ? some : null;
}

/// <summary>A line of the licence service's log.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Text">The line without time and program.</param>
/// <param name="Server">The server that it names; null for none.</param>
/// <param name="Product">The product that it names; null for none.</param>
/// <param name="Reason">The server's reason of a failure; null for none.</param>
public sealed record GriddEvent(
    GriddEventKind Kind, string Text, string? Server = null, string? Product = null, string? Reason = null);

/// <summary>What a line of the licence service's log says.</summary>
/// <remarks>Source: facts/host-behaviour.md 9, the lines of nvidia-gridd; facts/errors.md F and E3.</remarks>
public enum GriddEventKind
{
    /// <summary>Nothing that is known.</summary>
    Other = 0,

    /// <summary>The service began.</summary>
    Started,

    /// <summary>It asks a server.</summary>
    Acquiring,

    /// <summary>It has the licence.</summary>
    Acquired,

    /// <summary>The server refused, or did not answer.</summary>
    Failed,

    /// <summary>There is no token where it looks.</summary>
    TokenMissing,

    /// <summary>There is no <c>gridd.conf</c>; harmless.</summary>
    ConfMissing,

    /// <summary>It runs without a licence.</summary>
    NotLicensed,

    /// <summary>Guest and host driver do not fit, and it does not say which is the newer one.</summary>
    DriverMismatch,

    /// <summary>The guest's driver is older than the host's accepts.</summary>
    DriverTooOld,

    /// <summary>The guest's driver is newer than the host's accepts.</summary>
    DriverTooNew,

    /// <summary>It gave the licence back.</summary>
    Released,
}
