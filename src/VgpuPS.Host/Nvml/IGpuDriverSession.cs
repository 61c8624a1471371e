using VgpuPS.Core.Migration;


namespace VgpuPS.Host.Nvml;

/// <summary>
/// An open session with the GPU driver; of reads only what a GPU offers (profiles, types) is kept, until the MIG mode
/// is set.
/// </summary>
/// <remarks>
/// Every method throws <see cref="ObjectNotFoundException"/> for a GPU that the driver does not know and
/// <see cref="NativeCallException"/> where nothing says it better.
/// </remarks>
public interface IGpuDriverSession : IGpuObserver, IDisposable
{
    /// <summary>Version of the driver, such as <c>550.54.16</c>.</summary>
    string DriverVersion { get; }

    /// <summary>UUID and model name of a GPU.</summary>
    (GpuUuid Uuid, string Model, long MemoryMiB) GetIdentity(PciAddress gpu);

    /// <summary>MIG mode; null on a GPU without MIG.</summary>
    MigMode? GetMigMode(PciAddress gpu);

    /// <summary>Requests MIG mode; the caller reads it back.</summary>
    /// <exception cref="HostNotReadyException">The GPU has no MIG.</exception>
    MigModeChange SetMigMode(PciAddress gpu, bool enabled);

    /// <summary>Profiles of GPU instances in slot order, with placements where the driver reports them.</summary>
    IReadOnlyList<GpuInstanceProfile> GetProfiles(PciAddress gpu);

    /// <summary>GPU instances with their compute instances, ascending id; empty with MIG mode off.</summary>
    IReadOnlyList<GpuInstance> GetInstances(PciAddress gpu);

    /// <summary>Creates a GPU instance at a placement; null when the driver cannot name what it says it made.</summary>
    /// <exception cref="CapacityException">Nothing fits there.</exception>
    /// <exception cref="ResourceBusyException">A process holds the GPU.</exception>
    GpuInstanceId? CreateInstance(PciAddress gpu, ProfileId profile, Placement placement);

    /// <summary>Destroys a GPU instance; false when it is still in use.</summary>
    bool TryDestroyInstance(PciAddress gpu, GpuInstanceId instance);

    /// <summary>Compute instance profiles of a GPU instance; the last one by slices fills it.</summary>
    IReadOnlyList<ComputeInstanceProfile> GetComputeProfiles(PciAddress gpu, GpuInstanceId instance);

    /// <summary>Creates a compute instance; null when the driver cannot name what it says it made.</summary>
    /// <exception cref="CapacityException">Nothing is left of the GPU instance.</exception>
    ComputeInstanceId? CreateComputeInstance(PciAddress gpu, GpuInstanceId instance, ComputeProfileId profile);

    /// <summary>Destroys a compute instance; false when it is still in use.</summary>
    bool TryDestroyComputeInstance(PciAddress gpu, GpuInstanceId instance, ComputeInstanceId computeInstance);

    /// <summary>A type as this GPU offers it; null when the GPU does not know it.</summary>
    VgpuType? FindType(PciAddress gpu, VgpuTypeId type);

    /// <summary>All types of the GPU, ascending number.</summary>
    IReadOnlyList<VgpuType> GetTypes(PciAddress gpu);

    /// <summary>Numbers of the types that can be created now.</summary>
    IReadOnlyList<VgpuTypeId> GetCreatableTypes(PciAddress gpu);

    /// <summary>vGPUs of running VMs.</summary>
    IReadOnlyList<ActiveVgpu> GetActiveVgpus(PciAddress gpu);

    /// <summary>Whether mixed sizes of time-sliced vGPUs are enabled; null where the driver has no such mode.</summary>
    bool? GetMixedSizeMode(PciAddress gpu);

    /// <summary>
    /// Whether the GPU can mix sizes of time-sliced vGPUs at all, in any state; null when the driver does not report
    /// it.
    /// </summary>
    bool? CanMixSizes(PciAddress gpu);

    /// <summary>Enables or disables mixed sizes of time-sliced vGPUs; the caller reads it back.</summary>
    /// <exception cref="HostNotReadyException">The GPU has no such mode, or MIG mode is on.</exception>
    /// <exception cref="ResourceBusyException">A vGPU exists.</exception>
    void SetMixedSizeMode(PciAddress gpu, bool enabled);

    /// <summary>Scheduler of time-sliced vGPUs; null where there is none (MIG mode, no vGPU host driver).</summary>
    VgpuScheduler? GetScheduler(PciAddress gpu);

    /// <summary>What the scheduler can be set to; null where there is none.</summary>
    VgpuSchedulerLimits? GetSchedulerLimits(PciAddress gpu);

    /// <summary>Sets the scheduler until the driver is bound again; the caller reads it back.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="timesliceNanoseconds">Length of a slice; null for the driver's own, which may adapt it.</param>
    /// <exception cref="HostNotReadyException">MIG mode is on, a vGPU exists, or the driver offers no
    /// vGPUs.</exception>
    void SetScheduler(PciAddress gpu, SchedulerPolicy policy, long? timesliceNanoseconds);

    /// <summary>What the guest makes of a running vGPU; null when its VM has ended meanwhile.</summary>
    VgpuGuestState? FindGuestState(PciAddress gpu, ActiveVgpu vgpu);

    /// <summary>
    /// Process ids of programs that compute on the GPU, on the host itself; empty when the driver does not report it.
    /// </summary>
    IReadOnlyList<int> GetProcesses(PciAddress gpu);

    /// <summary>Whether ECC is on; null where the GPU has none, or the driver does not report it.</summary>
    bool? GetEccMode(PciAddress gpu);

    /// <summary>What NVML says of a running vGPU for a migration; null where it says nothing whole.</summary>
    byte[]? GetVgpuMetadata(ActiveVgpu vgpu);

    /// <summary>What NVML says of a GPU for a migration to it; null where it says nothing whole.</summary>
    byte[]? GetGpuMetadata(PciAddress gpu);

    /// <summary>NVML's answer about two of these, of whichever hosts; null where it has none.</summary>
    VgpuCompatibility? Compare(byte[] vgpu, byte[] gpu);

    /// <summary>Versions of the guests' interface that the host takes; null where the driver does not report
    /// them.</summary>
    (uint Min, uint Max)? GetVgpuVersions();
}
