namespace VgpuPS.Core.Vgpu;

/// <summary>What the hook knows between its runs: claims, instances it made, and the demand it has seen.</summary>
/// <param name="Claims">Claims, by VM and entry.</param>
/// <param name="Instances">Instances that the hook made, by GPU and placement.</param>
/// <param name="Demand">Requested starts by GPU model and profile name, decayed.</param>
public sealed record ClaimFile(
    IReadOnlyList<VgpuClaim> Claims,
    IReadOnlyList<MadeInstance> Instances,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Demand)
{
    /// <summary>Nothing claimed, nothing made.</summary>
    public static ClaimFile Empty { get; } =
        new([], [], new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal));
}
