namespace VgpuPS.Core.Contracts;

/// <summary>The claims file as it is written: <c>/run/vgpups/claims.json</c>.</summary>
public sealed record ClaimFileDocument
{
    /// <summary>The version that this program writes, and the newest that it reads.</summary>
    public const int NewestVersion = 1;

    /// <summary>Version of the file's form.</summary>
    public required int Version { get; init; }

    /// <summary>Claims, by VM and entry.</summary>
    public required IReadOnlyList<VgpuClaimDocument> Claims { get; init; }

    /// <summary>Instances that the hook made, by GPU and placement.</summary>
    public required IReadOnlyList<MadeInstanceDocument> Instances { get; init; }

    /// <summary>Requested starts by GPU model and profile name, decayed.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Demand { get; init; }
}
