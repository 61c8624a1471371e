using System.Text.Json.Serialization;

namespace VgpuPS.Core.Claims;

/// <summary>What the hook knows between its runs: claims, instances it made, and the demand it has seen.</summary>
/// <param name="Claims">Claims, by VM and entry.</param>
/// <param name="Instances">Instances that the hook made, by GPU and placement.</param>
/// <param name="Demand">Requested starts by GPU model and profile name, decayed.</param>
public sealed record ClaimFile(
    IReadOnlyList<VgpuClaim> Claims,
    IReadOnlyList<ManagedInstance> Instances,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Demand)
{
    /// <summary>The version that this program writes, and the newest that it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the file's form.</summary>
    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Nothing claimed, nothing made.</summary>
    public static ClaimFile Empty { get; } =
        new([], [], new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal));
}
