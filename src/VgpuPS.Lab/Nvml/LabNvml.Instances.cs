using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Nvml;

public sealed partial class LabNvml
{
    // NVML_GPU_INSTANCE_PROFILE_COUNT.
    private const uint SlotCount = 0x12;

    /// <inheritdoc/>
    /// <remarks>
    /// Source: facts/nvml.md 5: while MIG mode is off the form with a name is not supported, and the one without is.
    /// That drivers do what the header says of the latter is assumed; one that does not is a lab without that function.
    /// </remarks>
    public NvmlStatus DeviceGetGpuInstanceProfileInfo(
        NvmlDevice device, uint slot, out NvmlGpuInstanceProfile profile) => Ask(
        "nvmlDeviceGetGpuInstanceProfileInfoV", device, out profile, default, gpu =>
        {
            if (slot >= SlotCount)
            {
                return (NvmlStatus.InvalidArgument, default);
            }

            return (gpu.MigCurrent || ReportsWithoutMig)
                && gpu.Model.Profiles.FirstOrDefault(p => p.Slot == slot) is { } found
                ? (NvmlStatus.Success, Describe(found) with { Name = gpu.MigCurrent ? found.Name : "" })
                : (NvmlStatus.NotSupported, default);
        });

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: not supported on a GPU without MIG, so supported while MIG mode is off
    /// (assumed).</remarks>
    public NvmlStatus DeviceGetGpuInstancePossiblePlacements(
        NvmlDevice device, uint profileId, out IReadOnlyList<NvmlPlacement> placements) => Ask(
        "nvmlDeviceGetGpuInstancePossiblePlacements_v2", device, out placements, [],
        gpu => !gpu.MigCurrent && (!gpu.HasMig || !ReportsWithoutMig) ? (NvmlStatus.NotSupported, [])
            : gpu.Model.FindProfile(profileId) is { } profile
                ? (NvmlStatus.Success, (IReadOnlyList<NvmlPlacement>)
                    [.. profile.PlacementStarts.Select(
                        start => new NvmlPlacement((uint)start, (uint)profile.PlacementSize))])
            : (NvmlStatus.InvalidArgument, []));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5 and 6: not supported while MIG mode is off, insufficient resources when nothing
    /// fits.</remarks>
    public NvmlStatus DeviceCreateGpuInstanceWithPlacement(
        NvmlDevice device, uint profileId, NvmlPlacement placement, out NvmlGpuInstanceHandle instance) => Do(
        "nvmlDeviceCreateGpuInstanceWithPlacement", out instance, default, needsRoot: true, () =>
        {
            if (Find(device) is not { } gpu)
            {
                return (Dead, default);
            }

            if (!gpu.MigCurrent)
            {
                return (NvmlStatus.NotSupported, default);
            }

            if (gpu.Model.FindProfile(profileId) is not { } profile || placement.Size != profile.PlacementSize
                || !profile.PlacementStarts.Contains((int)placement.Start))
            {
                return (NvmlStatus.InvalidArgument, default);
            }

            if (!LabPlacements.Fits(gpu.Model, gpu.Instances, profile, (int)placement.Start))
            {
                return (NvmlStatus.InsufficientResources, default);
            }

            var created = LabPlacements.Make(gpu, profile, (int)placement.Start, _host.State.NextSerial++);
            gpu.Instances.Add(created);
            gpu.Instances.Sort((left, right) => left.Id.CompareTo(right.Id));
            return (NvmlStatus.Success, new NvmlGpuInstanceHandle((nint)created.Serial));
        });

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstances(
        NvmlDevice device, uint profileId, uint capacity, out IReadOnlyList<NvmlGpuInstanceHandle> instances) => Ask(
        "nvmlDeviceGetGpuInstances", device, out instances, [],
        gpu => WithProfile(gpu, profileId, _ => (IReadOnlyList<NvmlGpuInstanceHandle>)
            [
                .. gpu.Instances.Where(instance => instance.Profile == profileId).Take((int)capacity)
                    .Select(instance => new NvmlGpuInstanceHandle((nint)instance.Serial)),
            ], []));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstanceById(NvmlDevice device, uint id, out NvmlGpuInstanceHandle instance) => Ask(
        "nvmlDeviceGetGpuInstanceById", device, out instance, default, gpu =>
            !gpu.MigCurrent ? (NvmlStatus.NotSupported, default)
            : gpu.Instances.Find(found => found.Id == id) is { } known
                ? (NvmlStatus.Success, new NvmlGpuInstanceHandle((nint)known.Serial))
            : (NvmlStatus.NotFound, default));

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetInfo(NvmlGpuInstanceHandle instance, out NvmlGpuInstanceInfo info) => AskLibrary(
        "nvmlGpuInstanceGetInfo", out info, default,
        () => Find(instance) is var (_, known)
            ? (NvmlStatus.Success, new NvmlGpuInstanceInfo(
                known.Id, known.Profile, new NvmlPlacement((uint)known.Start, (uint)known.Size)))
            : (NvmlStatus.NotFound, default));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 6: in use while a compute instance or a vGPU is there.</remarks>
    public NvmlStatus GpuInstanceDestroy(NvmlGpuInstanceHandle instance) => Do(
        "nvmlGpuInstanceDestroy", out _, 0, needsRoot: true, () =>
        {
            if (Find(instance) is not var (gpu, known))
            {
                return (NvmlStatus.NotFound, 0);
            }

            if (known.ComputeInstances.Count > 0 || gpu.Vgpus.Exists(vgpu => vgpu.GpuInstance == known.Id))
            {
                return (NvmlStatus.InUse, 0);
            }

            gpu.Instances.Remove(known);
            return (NvmlStatus.Success, 0);
        });

    private bool ReportsWithoutMig =>
        !_host.State.Setup.MissingFunctions.Contains("nvmlDeviceGetGpuInstanceProfileInfo");

    private static NvmlGpuInstanceProfile Describe(GpuModelProfile profile) => new(
        profile.Id, profile.Name, (uint)profile.ComputeSlices, (uint)profile.MaxInstances,
        (uint)profile.Multiprocessors,
        (uint)profile.CopyEngines, (uint)profile.Decoders, (uint)profile.Encoders, (uint)profile.Jpegs,
        (uint)profile.Ofas, (ulong)profile.MemoryMiB);

    private static (NvmlStatus, T) WithProfile<T>(LabGpu gpu, uint id, Func<GpuModelProfile, T> read, T none) =>
        !gpu.MigCurrent ? (NvmlStatus.NotSupported, none)
        : gpu.Model.FindProfile(id) is { } profile ? (NvmlStatus.Success, read(profile))
        : (NvmlStatus.InvalidArgument, none);

    private (LabGpu Gpu, LabGpuInstance Instance)? Find(NvmlGpuInstanceHandle handle)
    {
        foreach (var gpu in _host.State.Gpus)
        {
            if (gpu.Instances.Find(instance => instance.Serial == handle.Value) is { } known)
            {
                return (gpu, known);
            }
        }

        return null;
    }
}
