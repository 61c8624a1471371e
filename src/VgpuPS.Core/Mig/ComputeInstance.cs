namespace VgpuPS.Core.Mig;

/// <summary>A compute instance that exists within a GPU instance.</summary>
/// <param name="Id">Its id within the GPU instance.</param>
/// <param name="Profile">The profile it was made with.</param>
public sealed record ComputeInstance(ComputeInstanceId Id, ComputeProfileId Profile);
