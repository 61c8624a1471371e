namespace VgpuPS.Core.Gpu;

/// <summary>A size in which a GPU can be cut: memory, SMs, engines and where it may sit.</summary>
/// <param name="Id">What nvidia-smi prints and NVML creates with.</param>
/// <param name="Name">As users write it: <c>2g.12gb</c>, <c>1g.6gb+me</c>; without the driver's prefix <c>MIG
/// </c>.</param>
/// <param name="ComputeSlices">Compute slices (the number before the g).</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="Multiprocessors">SMs.</param>
/// <param name="MaxInstances">How many fit on an empty GPU.</param>
/// <param name="Engines">Shared engines.</param>
/// <param name="Placements">Legal placements, ascending start; empty when the driver does not report it (MIG mode
/// off).</param>
/// <remarks>Source: nvml.h, nvmlGpuInstanceProfileInfo_v3_t and
/// nvmlDeviceGetGpuInstancePossiblePlacements_v2.</remarks>
public sealed record GpuInstanceProfile(
    ProfileId Id,
    string Name,
    int ComputeSlices,
    long MemoryMiB,
    int Multiprocessors,
    int MaxInstances,
    EngineCounts Engines,
    IReadOnlyList<Placement> Placements)
{
    /// <summary>Memory slices one instance takes; 0 when the placements are not known.</summary>
    public int MemorySlices => Placements.Count == 0 ? 0 : Placements[0].Size;

    /// <summary>Whether it carries the GPU's media engines, which only one instance can have.</summary>
    /// <remarks>Source: facts/mig-profiles.json (attribute <c>+me</c>, max_instances 1; <c>+me.all</c>).</remarks>
    public bool TakesMediaEngines => Name.Contains("+me", StringComparison.Ordinal);

    /// <summary>Whether the name was built from figures, since the driver reported none.</summary>
    public bool IsNameBuilt { get; init; }
}

/// <summary>Fixed-function engines of a profile.</summary>
/// <param name="Copy">Copy engines.</param>
/// <param name="Decoder">Video decoders (NVDEC).</param>
/// <param name="Encoder">Video encoders (NVENC).</param>
/// <param name="Jpeg">JPEG decoders.</param>
/// <param name="OpticalFlow">Optical flow engines (OFA).</param>
public sealed record EngineCounts(int Copy, int Decoder, int Encoder, int Jpeg, int OpticalFlow)
{
    /// <summary>No engine at all.</summary>
    public static EngineCounts None { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>A size in which a GPU instance can be cut.</summary>
/// <param name="Id">What NVML creates it with.</param>
/// <param name="Name">As users write it: <c>1c.2g.12gb</c>, or the GPU instance's name where it fills it.</param>
/// <param name="ComputeSlices">Compute slices.</param>
/// <param name="Multiprocessors">SMs.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceProfileInfo_v2_t.</remarks>
public sealed record ComputeInstanceProfile(
    ComputeProfileId Id, string Name, int ComputeSlices, int Multiprocessors);

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
