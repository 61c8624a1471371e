using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Nvml;

public sealed partial class LabNvml
{
    // NVML_COMPUTE_INSTANCE_PROFILE_COUNT of the newest header.
    private const uint ComputeSlotCount = 9;

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstanceProfileInfo(
        NvmlGpuInstanceHandle instance, uint slot, out NvmlComputeInstanceProfile profile) => AskLibrary(
        "nvmlGpuInstanceGetComputeInstanceProfileInfoV", out profile, default, () =>
        {
            if (Find(instance) is not var (gpu, known) || slot >= ComputeSlotCount)
            {
                return (NvmlStatus.InvalidArgument, default);
            }

            return ComputeProfiles(gpu, known).FirstOrDefault(p => p.Slot == slot) is { } found
                ? (NvmlStatus.Success, new NvmlComputeInstanceProfile(
                    found.Id, found.Name, (uint)found.ComputeSlices, (uint)found.MaxInstances,
                    (uint)found.Multiprocessors))
                : (NvmlStatus.NotSupported, default);
        });

    /// <inheritdoc/>
    /// <remarks>
    /// Source: facts/host-behaviour.md 3: the host must not create one in a GPU instance of a running VM; that the
    /// driver answers "in use" is assumed.
    /// </remarks>
    public NvmlStatus GpuInstanceCreateComputeInstance(
        NvmlGpuInstanceHandle instance, uint profileId, out NvmlComputeInstanceHandle computeInstance) => Do(
        "nvmlGpuInstanceCreateComputeInstance", out computeInstance, default, needsRoot: true, () =>
        {
            if (Find(instance) is not var (gpu, known))
            {
                return (NvmlStatus.NotFound, default);
            }

            if (FindCompute(gpu, known, profileId) is not { } profile)
            {
                return (NvmlStatus.InvalidArgument, default);
            }

            if (gpu.Vgpus.Exists(vgpu => vgpu.GpuInstance == known.Id && vgpu.Holder is not null))
            {
                return (NvmlStatus.InUse, default);
            }

            if (FindStart(gpu, known, profile.ComputeSlices) is not { } start)
            {
                return (NvmlStatus.InsufficientResources, default);
            }

            var created = new LabComputeInstance
            {
                Id = Enumerable.Range(0, int.MaxValue).Select(id => (uint)id)
                    .First(id => !known.ComputeInstances.Exists(other => other.Id == id)),
                Serial = _host.State.NextSerial++,
                Profile = profileId,
                Start = start,
                Size = profile.ComputeSlices,
            };
            known.ComputeInstances.Add(created);
            return (NvmlStatus.Success, new NvmlComputeInstanceHandle((nint)created.Serial));
        });

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstances(
        NvmlGpuInstanceHandle instance, uint profileId, uint capacity,
        out IReadOnlyList<NvmlComputeInstanceHandle> computeInstances) => AskLibrary(
        "nvmlGpuInstanceGetComputeInstances", out computeInstances, [],
        () => Find(instance) is var (_, known)
            ? (NvmlStatus.Success, (IReadOnlyList<NvmlComputeInstanceHandle>)
                [
                    .. known.ComputeInstances.Where(compute => compute.Profile == profileId).Take((int)capacity)
                        .Select(compute => new NvmlComputeInstanceHandle((nint)compute.Serial)),
                ])
            : (NvmlStatus.NotFound, []));

    /// <inheritdoc/>
    public NvmlStatus ComputeInstanceGetInfo(
        NvmlComputeInstanceHandle computeInstance, out NvmlComputeInstanceInfo info) => AskLibrary(
        "nvmlComputeInstanceGetInfo_v2", out info, default,
        () => Find(computeInstance) is var (_, compute)
            ? (NvmlStatus.Success, new NvmlComputeInstanceInfo(
                compute.Id, compute.Profile, new NvmlPlacement((uint)compute.Start, (uint)compute.Size)))
            : (NvmlStatus.NotFound, default));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: in use with active processes.</remarks>
    public NvmlStatus ComputeInstanceDestroy(NvmlComputeInstanceHandle computeInstance) => Do(
        "nvmlComputeInstanceDestroy", out _, 0, needsRoot: true, () =>
        {
            if (Find(computeInstance) is not var (instance, compute))
            {
                return (NvmlStatus.NotFound, 0);
            }

            if (compute.HasProcess)
            {
                return (NvmlStatus.InUse, 0);
            }

            instance.ComputeInstances.Remove(compute);
            return (NvmlStatus.Success, 0);
        });

    private static IReadOnlyList<GpuModelComputeProfile> ComputeProfiles(LabGpu gpu, LabGpuInstance instance) =>
        gpu.Model.FindProfile(instance.Profile)?.ComputeProfiles ?? [];

    private static GpuModelComputeProfile? FindCompute(LabGpu gpu, LabGpuInstance instance, uint profileId) =>
        ComputeProfiles(gpu, instance).FirstOrDefault(profile => profile.Id == profileId);

    private static int? FindStart(LabGpu gpu, LabGpuInstance instance, int size)
    {
        var all = gpu.Model.FindProfile(instance.Profile)!.ComputeSlices;
        for (var start = 0; start + size <= all; start++)
        {
            if (!instance.ComputeInstances.Exists(c => start < c.Start + c.Size && c.Start < start + size))
            {
                return start;
            }
        }

        return null;
    }

    private (LabGpuInstance Instance, LabComputeInstance Compute)? Find(NvmlComputeInstanceHandle handle)
    {
        foreach (var instance in _host.State.Gpus.SelectMany(gpu => gpu.Instances))
        {
            if (instance.ComputeInstances.Find(compute => compute.Serial == handle.Value) is { } known)
            {
                return (instance, known);
            }
        }

        return null;
    }
}
