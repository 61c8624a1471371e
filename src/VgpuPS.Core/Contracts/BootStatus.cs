namespace VgpuPS.Core.Contracts;

/// <summary>Contents of <c>/run/vgpups/boot.json</c>: what the boot service did.</summary>
public sealed record BootStatus
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>While the service works, and where it was killed.</summary>
    public const string Running = "running";

    /// <summary>All is as the layout says, or there is no layout.</summary>
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
