namespace VgpuPS.Core.Gpu;

/// <summary>A GPU instance that exists.</summary>
/// <param name="Id">Its id on the GPU.</param>
/// <param name="Profile">The profile it was made with.</param>
/// <param name="Placement">Where it sits.</param>
/// <param name="ComputeInstances">Its compute instances, ascending id.</param>
public sealed record GpuInstance(
    GpuInstanceId Id, ProfileId Profile, Placement Placement, IReadOnlyList<ComputeInstance> ComputeInstances);

/// <summary>A compute instance that exists within a GPU instance.</summary>
/// <param name="Id">Its id within the GPU instance.</param>
/// <param name="Profile">The profile it was made with.</param>
public sealed record ComputeInstance(ComputeInstanceId Id, ComputeProfileId Profile);
