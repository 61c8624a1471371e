using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.RemoveInstances;

/// <summary>Asks for GPU instances to be destroyed with their compute instances.</summary>
public sealed record RemoveInstancesRequest : ChangeRequest
{
    /// <summary>Address of the GPU.</summary>
    public required string Gpu { get; init; }

    /// <summary>Ids of the GPU instances.</summary>
    public required IReadOnlyList<uint> GpuInstanceIds { get; init; }
}
