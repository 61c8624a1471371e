using System.Text.Json.Nodes;
using Xunit;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>The simulated Proxmox does what genuine Proxmox was recorded doing.</summary>
public sealed class RecordedLifeTests
{
    private static readonly string[] s_outcomes =
        ["stepResults", "result", "finalState", "finalReservations", "finalSysfs", "finalConf"];

    public static TheoryData<string> Names => [.. PveRecording.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Recording_is_played_event_by_event(string name)
    {
        var recording = PveRecording.Load(name);

        var outcome = await new RecordedLife(recording).PlayAsync();

        var differences = recording.Observed.Select(observed => FirstDifference(observed, outcome)).ToList();
        if (differences.All(difference => difference is not null))
        {
            Assert.Fail($"{name}: {string.Join("\nor, by another order: ", differences)}");
        }
    }

    [Fact]
    public void All_recordings_of_lives_are_played() => Assert.Equal(74, PveRecording.Names.Count());

    private static string? FirstDifference(JsonObject expected, JsonObject actual) =>
        DifferentEvent(InOrder(expected["timeline"]!), InOrder(actual["timeline"]!))
        ?? s_outcomes.Where(part => !JsonNode.DeepEquals(expected[part], actual[part]))
            .Select(part => $"{part} differs\n  expected {Text(expected[part])}\n  actual   {Text(actual[part])}")
            .FirstOrDefault();

    private static string? DifferentEvent(List<JsonObject> expected, List<JsonObject> actual)
    {
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var wanted = i < expected.Count ? expected[i] : null;
            var got = i < actual.Count ? actual[i] : null;
            if (!JsonNode.DeepEquals(wanted, got))
            {
                var before = string.Concat(expected.Take(i).TakeLast(3).Select(entry => $"\n  both     {Text(entry)}"));
                return $"event {i} differs{before}\n  expected {Text(wanted)}\n  actual   {Text(got)}";
            }
        }

        return null;
    }

    // The recorder saw a changed configuration only when it looked next: after sleeps, monitor commands and hooks.
    private static List<JsonObject> InOrder(JsonNode timeline)
    {
        var events = timeline.AsArray().Select(entry => entry!.AsObject()).ToList();
        for (var i = 1; i < events.Count; i++)
        {
            for (var at = i; at > 0 && Name(events[at]) == "conf" && IsUnwatched(events[at - 1]); at--)
            {
                (events[at - 1], events[at]) = (events[at], events[at - 1]);
            }
        }

        return events;
    }

    private static bool IsUnwatched(JsonObject entry) => Name(entry) is "wait" or "monitor" or "hook-end";

    private static string? Name(JsonObject entry) => (string?)entry["event"];

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "nothing";
}
