using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.CreateComputeInstances;

/// <summary>Asks for compute instances in a GPU instance, all or none.</summary>
public sealed record CreateComputeInstancesRequest : ChangeRequest
{
    /// <summary>Address of the GPU.</summary>
    public required string Gpu { get; init; }

    /// <summary>Id of the GPU instance.</summary>
    public required uint GpuInstanceId { get; init; }

    /// <summary>Their profile, by name or number; null for the largest that fits into what is left.</summary>
    public string? Profile { get; init; }

    /// <summary>How many.</summary>
    public int Count { get; set; } = 1;
}
