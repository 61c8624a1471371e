using System.Text.Json.Serialization;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Boot;

/// <summary>Contents of <c>/run/vgpups/boot.json</c>: what the boot service did.</summary>
public sealed record BootStatus
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>While the service works, and where it was killed.</summary>
    public const string Running = "running";

    /// <summary>Everything matches the layout, or there is no layout.</summary>
    public const string Done = "done";

    /// <summary>Something could not be done; <see cref="Problems"/> and those of the GPUs say what.</summary>
    public const string Failed = "failed";

    /// <summary>It was stopped from outside.</summary>
    public const string Stopped = "stopped";

    /// <summary>Version of the file's form.</summary>
    public int Version { get; set; } = CurrentVersion;

    /// <summary>One of the words above.</summary>
    public required string State { get; init; }

    /// <summary>When this was written, UTC, ISO 8601.</summary>
    public required string Time { get; init; }

    /// <summary>How long it took so far, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>GPUs that the layout is about, in the order in which they were done.</summary>
    public IReadOnlyList<BootGpuStatus> Gpus { get; set; } = [];

    /// <summary>What is worth knowing and no failure.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    /// <summary>Failures of the host as a whole: driver, services, layout file, sweep.</summary>
    public IReadOnlyList<BootProblem> Problems { get; set; } = [];
}

/// <summary>What the boot service did to one GPU.</summary>
public sealed record BootGpuStatus
{
    /// <summary>Everything matches the layout since it was made so.</summary>
    public const string Restored = "restored";

    /// <summary>Everything matched the layout.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>It could not be done; <see cref="Problem"/> says why.</summary>
    public const string Failed = "failed";

    /// <summary>Its address, or the name that the layout gives to a GPU that is not there.</summary>
    public required string Gpu { get; init; }

    /// <summary>One of the words above.</summary>
    public required string Outcome { get; init; }

    /// <summary>What was done, as sentences.</summary>
    public IReadOnlyList<string> Steps { get; set; } = [];

    /// <summary>Why it failed; null where it did not.</summary>
    public BootProblem? Problem { get; init; }
}

/// <summary>A failure as the boot service keeps it.</summary>
/// <param name="ErrorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="Message">The fact, with names and numbers.</param>
/// <param name="RecommendedAction">What to do, with a command.</param>
public sealed record BootProblem(string ErrorId, string Message, string RecommendedAction)
{
    /// <summary>The failure of an exception.</summary>
    public static BootProblem Of(VgpuException failure) =>
        new(failure.ErrorId, failure.Message, failure.RecommendedAction);
}

/// <summary>Reads and writes what the boot service did.</summary>
public static class BootStatusFormat
{
    /// <summary>Reads and checks it.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member, or a newer version.</exception>
    public static BootStatus Read(ReadOnlySpan<byte> content, string path) => new JsonFileReader(
        path, "the boot service's status", "write it again: systemctl restart vgpups", BootStatus.CurrentVersion)
        .Read(JsonFileReader.WithoutMark(content), BootJsonContext.Default.BootStatus);

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(BootStatus status) =>
        JsonOutput.WriteLine(status, BootJsonContext.Default.BootStatus);
}

/// <summary>How the boot service's status is read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(BootStatus))]
internal sealed partial class BootJsonContext : JsonSerializerContext;
