using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>What one check of the doctor found on a host; in JSON by the names of <c>vgpu-hook doctor
/// --json</c>.</summary>
public sealed record VgpuHostTestInfo : HostObject
{
    /// <summary>The check; it names the fault that it looks for, such as <c>IommuOff</c>.</summary>
    [JsonPropertyName("id")]
    public required string Check { get; init; }

    /// <summary><c>Platform</c>, <c>Driver</c>, <c>Services</c>, <c>Sriov</c>, <c>Mig</c>, <c>Vgpu</c>,
    /// <c>Licensing</c>, <c>VmStart</c> or <c>Files</c>.</summary>
    public required string Area { get; init; }

    /// <summary>What was looked at.</summary>
    public required string Title { get; init; }

    /// <summary><c>Passed</c>, <c>Warning</c>, <c>Failed</c> or <c>Skipped</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>Whether nothing was found: it passed, or did not apply.</summary>
    [JsonIgnore]
    public bool Passed => Verdict is nameof(CheckVerdict.Passed) or nameof(CheckVerdict.Skipped);

    /// <summary>The line or value that was seen; for a skipped check why.</summary>
    public required string Evidence { get; init; }

    /// <summary>What brings it about; null where nothing is wrong.</summary>
    public required string? Cause { get; init; }

    /// <summary>What to do, with a command; null where nothing is wrong.</summary>
    [JsonPropertyName("fix")]
    public required string? RecommendedAction { get; init; }

    /// <summary>Whether Repair-VgpuHost does it.</summary>
    public required bool Repairable { get; init; }
}

/// <summary>What a check of the doctor came to.</summary>
public enum CheckVerdict
{
    /// <summary>All is right.</summary>
    Passed,

    /// <summary>It works now, and will not always, or not for everybody.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Failed,

    /// <summary>It could not be looked at, or does not apply; the evidence says why.</summary>
    Skipped,
}
