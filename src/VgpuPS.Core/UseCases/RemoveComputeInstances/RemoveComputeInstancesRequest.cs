using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.RemoveComputeInstances;

/// <summary>Asks for compute instances to be destroyed.</summary>
public sealed record RemoveComputeInstancesRequest : ChangeRequest
{
    /// <summary>Address of the GPU.</summary>
    public required string Gpu { get; init; }

    /// <summary>Id of the GPU instance.</summary>
    public required uint GpuInstanceId { get; init; }

    /// <summary>Ids of the compute instances in it.</summary>
    public required IReadOnlyList<uint> ComputeInstanceIds { get; init; }
}
