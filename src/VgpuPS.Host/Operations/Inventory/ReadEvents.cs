using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using VgpuPS.Core.Events;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Reads the log of changes from its end; changes nothing.</summary>
internal sealed class ReadEvents(HostPorts host)
{
    private const string LineStart = "{\"time\":";

    /// <summary>Reads it. A line that is not an event is counted and left out.</summary>
    /// <exception cref="UnreadableDataException">The log cannot be read.</exception>
    public ReadEventsResult Run(ReadEventsRequest request, CancellationToken cancellationToken)
    {
        var found = new List<VgpuEventInfo>();
        var unreadable = 0;
        var sources = Patterns(request.Sources);
        var actions = Patterns(request.Actions);
        var isFollowing = request.Position is { Length: > 0 };
        var news = request.Position is { } position ? host.EventHistory.ReadNew(position) : null;
        if (request.Last is <= 0)
        {
            return new ReadEventsResult([], 0) { Position = news?.Position };
        }

        foreach (var line in isFollowing ? news!.Lines : host.EventHistory.ReadNewestFirst())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Parse(line) is not { } entry)
            {
                unreadable++;
                continue;
            }

            // Clocks are set back now and then, so that an older time ends nothing.
            if ((request.After is null || entry.Time >= request.After)
                && (request.Before is null || entry.Time <= request.Before)
                && (request.VmIds is null || (entry.VmId is { } vm && request.VmIds.Contains(vm)))
                && Matches(sources, entry.Source) && Matches(actions, entry.Action))
            {
                found.Add(entry);
                if (found.Count == request.Last)
                {
                    break;
                }
            }
        }

        if (!isFollowing)
        {
            found.Reverse();
        }

        return new ReadEventsResult(found, unreadable) { Position = news?.Position };
    }

    /// <summary>An event; one that was appended to half a line, left by a full storage, is read all the same.</summary>
    private static VgpuEventInfo? Parse(string line)
    {
        var start = line.LastIndexOf(LineStart, StringComparison.Ordinal);
        try
        {
            var entry = start < 0 ? null
                : JsonSerializer.Deserialize(line.AsSpan(start), EventLogJsonContext.Default.VgpuEventInfo);
            return entry is { Source: not null, Action: not null, Target: not null }
                ? entry with { Before = entry.Before ?? "", After = entry.After ?? "" } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<Regex>? Patterns(IReadOnlyList<string>? wildcards) => wildcards?.Select(w => new Regex(
        "^" + Regex.Escape(w).Replace("\\*", ".*", StringComparison.Ordinal)
            .Replace("\\?", ".", StringComparison.Ordinal) + "$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)).ToList();

    private static bool Matches(List<Regex>? patterns, string text) => patterns is null
        || patterns.Exists(p => p.IsMatch(text));
}

/// <summary>Changes that were made on the host.</summary>
/// <param name="Events">The changes, the oldest first.</param>
/// <param name="UnreadableLines">How many lines of the log could not be read.</param>
public sealed record ReadEventsResult(IReadOnlyList<VgpuEventInfo> Events, int UnreadableLines) : IHostRows
{
    /// <summary>Up to where the log was read, for the next request that follows it; null where none was
    /// requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Position { get; init; }

    void IHostRows.Stamp(string host)
    {
        foreach (var row in Events)
        {
            row.VgpuHost = host;
        }
    }
}

/// <summary>Requests changes that were made on the host.</summary>
public sealed record ReadEventsRequest
{
    /// <summary>How many at most, the newest; null for all.</summary>
    public int? Last { get; init; }

    /// <summary>Only those at this moment or later, UTC.</summary>
    public DateTime? After { get; init; }

    /// <summary>Only those at this moment or earlier, UTC.</summary>
    public DateTime? Before { get; init; }

    /// <summary>Only those made for these VMs; null for all, those for no VM included.</summary>
    public IReadOnlyList<int>? VmIds { get; init; }

    /// <summary>Only those by these sources, with <c>*</c> and <c>?</c>; null for all.</summary>
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary>Only those actions, with <c>*</c> and <c>?</c>; null for all.</summary>
    public IReadOnlyList<string>? Actions { get; init; }

    /// <summary>Only what was written after this position of an earlier result; empty to begin to follow the log, with
    /// what is there already as the other members say; null where it is not followed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Position { get; init; }
}
