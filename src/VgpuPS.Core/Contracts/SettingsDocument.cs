using System.Text.Json;

namespace VgpuPS.Core.Contracts;

/// <summary>The hook's configuration as it is written, before its values are checked.</summary>
public sealed record SettingsDocument
{
    /// <summary>The newest version that this program reads.</summary>
    public const int NewestVersion = 1;

    /// <summary>Version of the file's form; null means 1.</summary>
    public int? Version { get; init; }

    /// <summary>Text of <see cref="HookSettings.Sriov"/>.</summary>
    public string? Sriov { get; init; }

    /// <summary>Text of <see cref="HookSettings.MigMode"/>.</summary>
    public string? MigMode { get; init; }

    /// <summary>Text of <see cref="HookSettings.ComputeInstance"/>.</summary>
    public string? ComputeInstance { get; init; }

    /// <summary>Text of <see cref="HookSettings.Reclaim"/>.</summary>
    public string? Reclaim { get; init; }

    /// <summary>Text of <see cref="HookSettings.UnreadableEntry"/>.</summary>
    public string? UnreadableEntry { get; init; }

    /// <summary>The text <c>learn</c>, or an object of weights by profile name.</summary>
    public JsonElement? Demand { get; init; }

    /// <summary>See <see cref="HookSettings.TimeoutSeconds"/>.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>See <see cref="HookSettings.LockTimeoutSeconds"/>.</summary>
    public int? LockTimeoutSeconds { get; init; }

    /// <summary>See <see cref="HookSettings.KeepTypes"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? KeepTypes { get; init; }

    /// <summary>See <see cref="HookSettings.Chain"/>.</summary>
    public IReadOnlyDictionary<string, ChainedScriptDocument>? Chain { get; init; }
}
