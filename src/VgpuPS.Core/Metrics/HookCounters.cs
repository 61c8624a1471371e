using System.Text.Json.Serialization;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Metrics;

/// <summary>
/// Contents of <c>/run/vgpups/counters.json</c>: runs of the hook for VMs with vGPUs since the boot, and what they
/// failed with. Bounded: phases are Proxmox's, and of error ids so many are kept by name.
/// </summary>
public sealed record HookCounters
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What a phase that Proxmox does not have, and an error id beyond those kept, is counted as.</summary>
    public const string Other = "other";

    /// <summary>Error id of a run that was stopped from outside.</summary>
    public const string Stopped = "Stopped";

    /// <summary>Pairs of phase and error id that are kept by name.</summary>
    internal const int MaxFailures = 64;

    private static readonly string[] s_phases = ["pre-start", "post-start", "pre-stop", "post-stop"];

    /// <summary>No run yet.</summary>
    public static HookCounters Empty { get; } = new();

    /// <summary>Version of the file's form.</summary>
    public int Version { get; set; } = CurrentVersion;

    /// <summary>Runs by phase, failed ones included.</summary>
    public IReadOnlyDictionary<string, long> Runs { get; set; } =
        new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Failed runs by phase and error id.</summary>
    public IReadOnlyList<HookFailureCount> Failures { get; set; } = [];

    /// <summary>With one run more.</summary>
    /// <param name="phase">Its phase.</param>
    /// <param name="errorId">What it failed with; null where it did not.</param>
    /// <param name="isNewRun">Whether it is not counted yet: what fails after the own part has been.</param>
    public HookCounters With(string phase, string? errorId, bool isNewRun = true)
    {
        phase = s_phases.Contains(phase, StringComparer.Ordinal) ? phase : Other;
        var runs = new SortedDictionary<string, long>(Runs.ToDictionary(), StringComparer.Ordinal);
        if (isNewRun)
        {
            runs[phase] = Next(runs.GetValueOrDefault(phase));
        }

        var failures = Failures.ToList();
        if (errorId is not null)
        {
            Add(failures, phase, HookFailureCount.IsErrorId(errorId) ? errorId : Other);
        }

        return this with
        {
            Runs = runs,
            Failures = [.. failures.OrderBy(f => f.Phase, StringComparer.Ordinal)
                .ThenBy(f => f.ErrorId, StringComparer.Ordinal)],
        };
    }

    private static void Add(List<HookFailureCount> failures, string phase, string errorId)
    {
        var index = failures.FindIndex(f => f.Phase == phase && f.ErrorId == errorId);
        if (index < 0 && failures.Count >= MaxFailures)
        {
            // One place a phase is left for all others.
            errorId = Other;
            index = failures.FindIndex(f => f.Phase == phase && f.ErrorId == Other);
        }

        if (index >= 0)
        {
            failures[index] = failures[index] with { Count = Next(failures[index].Count) };
        }
        else
        {
            failures.Add(new HookFailureCount(phase, errorId, 1));
        }
    }

    private static long Next(long count) => count == long.MaxValue ? count : count + 1;
}

/// <summary>How often the hook failed with something.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="ErrorId">One of <see cref="ErrorIds"/>, or <see cref="HookCounters.Stopped"/> or
/// <see cref="HookCounters.Other"/>.</param>
/// <param name="Count">How often since the boot.</param>
public sealed record HookFailureCount(string Phase, string ErrorId, long Count)
{
    private const int MaxLength = 64;

    /// <summary>Whether a text has an error id's form: letters alone.</summary>
    internal static bool IsErrorId(string text) =>
        text.Length is > 0 and <= MaxLength && text.All(char.IsAsciiLetter);
}

/// <summary>Turns the counters' bytes into counters and back.</summary>
public static class HookCountersFormat
{
    private const int MaxPhases = 5;

    // One place a phase beyond those that are kept by name.
    private const int MaxEntries = HookCounters.MaxFailures + MaxPhases;

    /// <summary>Reads and checks it.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member, a value that the hook does not write, or
    /// a newer version.</exception>
    public static HookCounters Read(ReadOnlySpan<byte> content, string path)
    {
        var reader = new JsonFileReader(
            path, "the file of the hook's counters", $"remove it, and the hook begins a new one: rm {path}",
            HookCounters.CurrentVersion);
        var json = JsonFileReader.WithoutMark(content);
        var file = reader.Read(json, CountersJsonContext.Default.HookCounters);
        var wrong = file.Runs.Count > MaxPhases || file.Runs.Any(r => !IsPhase(r.Key) || r.Value < 0) ? "runs"
            : file.Failures.Count > MaxEntries || file.Failures.Any(
                f => !IsPhase(f.Phase) || !HookFailureCount.IsErrorId(f.ErrorId) || f.Count < 0)
                || file.Failures.DistinctBy(f => (f.Phase, f.ErrorId)).Count() != file.Failures.Count ? "failures"
            : null;
        return wrong is null ? file : throw reader.Unreadable(
            JsonPosition.Find(json, wrong), $"a value of {wrong} is not a value that the hook writes");
    }

    /// <summary>The file's bytes: sorted, so that equal counters give equal bytes.</summary>
    public static byte[] Write(HookCounters counters) => JsonOutput.WriteLine(
        counters with
        {
            Runs = new SortedDictionary<string, long>(counters.Runs.ToDictionary(), StringComparer.Ordinal),
        },
        CountersJsonContext.Default.HookCounters);

    private static bool IsPhase(string text) =>
        text is "pre-start" or "post-start" or "pre-stop" or "post-stop" or HookCounters.Other;
}

/// <summary>How the hook's counters are read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(HookCounters))]
internal sealed partial class CountersJsonContext : JsonSerializerContext;
