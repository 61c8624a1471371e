using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.CreateInstances;

/// <summary>Asks for GPU instances on one GPU, all or none.</summary>
public sealed record CreateInstancesRequest : ChangeRequest
{
    /// <summary>Address of the GPU.</summary>
    public required string Gpu { get; init; }

    /// <summary>Profiles by name (<c>2g.12gb</c>) or number; one instance each.</summary>
    public required IReadOnlyList<string> Profiles { get; init; }

    /// <summary>How many, for one profile.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Where it goes, <c>start:size</c>, for exactly one instance; null where the planner chooses.</summary>
    public string? Placement { get; init; }

    /// <summary>Compute instance profiles in each; null for one that fills it, empty for none.</summary>
    public IReadOnlyList<string>? ComputeInstances { get; init; }
}
