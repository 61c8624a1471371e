using System.Text.Json.Nodes;

namespace VgpuPS.Lab.Proxmox;

/// <summary>
/// What happened, in order. Event names and members are those of the recordings of genuine Proxmox
/// (tests/data/pve-recordings/README.md); process ids and times are absolute here.
/// </summary>
/// <param name="withStates">
/// Whether the state of the host is noted with hooks and steps, as in the recordings; it takes hundreds of reads.
/// </param>
public sealed class LabTimeline(bool withStates = true)
{
    private const string WaitName = "wait";
    private const string SecondsName = "seconds";

    private readonly Lock _gate = new();
    private readonly List<JsonObject> _events = [];

    /// <summary>The events up to now, oldest first.</summary>
    public IReadOnlyList<JsonObject> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Whether the state of the host is noted with hooks and steps.</summary>
    public bool HasStates => withStates;

    /// <summary>Adds an event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="members">Its members.</param>
    /// <returns>The event, for members that are only known later.</returns>
    public JsonObject Record(string name, params (string Name, JsonNode? Value)[] members)
    {
        var entry = new JsonObject { ["event"] = name };
        foreach (var (member, value) in members)
        {
            entry[member] = value;
        }

        lock (_gate)
        {
            _events.Add(entry);
        }

        return entry;
    }

    /// <summary>Adds a sleep of Proxmox; directly after another one it makes that one longer.</summary>
    /// <param name="seconds">How long.</param>
    public void RecordWait(int seconds)
    {
        lock (_gate)
        {
            if (_events.Count > 0 && (string?)_events[^1]["event"] == WaitName)
            {
                _events[^1][SecondsName] = (int)_events[^1][SecondsName]! + seconds;
                return;
            }

            _events.Add(new JsonObject { ["event"] = WaitName, [SecondsName] = seconds });
        }
    }

    /// <summary>Adds a text of one of the events <c>warning</c>, <c>error</c>, <c>output</c>.</summary>
    /// <param name="name">Name of the event.</param>
    /// <param name="text">The text without its end of line.</param>
    public void RecordText(string name, string text) => Record(name, ("text", text));

    /// <summary>A list of texts as a member of an event.</summary>
    /// <param name="texts">The texts.</param>
    public static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
