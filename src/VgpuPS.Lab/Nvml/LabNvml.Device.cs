namespace VgpuPS.Lab.Nvml;

public sealed partial class LabNvml
{
    private const uint MixedProfilesCapability = 1;
    private const uint MixedSizesCapability = 2;
    private const uint LastCapability = 11;

    /// <inheritdoc/>
    public NvmlStatus DeviceGetUuid(NvmlDevice device, out string uuid) =>
        Ask("nvmlDeviceGetUUID", device, out uuid, "", gpu => (NvmlStatus.Success, gpu.Uuid));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetName(NvmlDevice device, out string name) =>
        Ask("nvmlDeviceGetName", device, out name, "", gpu => (NvmlStatus.Success, gpu.Model.Name));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetMemoryInfo(NvmlDevice device, out NvmlMemory memory) => Ask(
        "nvmlDeviceGetMemoryInfo", device, out memory, default, gpu =>
        {
            var total = (ulong)(gpu.Model.MemoryMiB * BytesPerMiB);
            var used = (ulong)(gpu.Vgpus.Where(vgpu => vgpu.Holder is not null)
                .Sum(vgpu => gpu.Model.FindType(vgpu.Type)?.FramebufferMiB ?? 0) * BytesPerMiB);
            return (NvmlStatus.Success, new NvmlMemory(total, total - Math.Min(used, total), used));
        });

    /// <inheritdoc/>
    public NvmlStatus DeviceGetComputeRunningProcesses(NvmlDevice device, out IReadOnlyList<uint> processIds) => Ask(
        "nvmlDeviceGetComputeRunningProcesses_v3", device, out processIds, [],
        gpu => (NvmlStatus.Success, (IReadOnlyList<uint>)[.. gpu.ComputeProcesses]));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetMigMode(NvmlDevice device, out uint current, out uint pending)
    {
        var status = Ask(
            "nvmlDeviceGetMigMode", device, out (uint Current, uint Pending) mode, default,
            gpu => gpu.HasMig
                ? (NvmlStatus.Success, (gpu.MigCurrent ? 1u : 0u, gpu.MigPending ? 1u : 0u))
                : (NvmlStatus.NotSupported, default));
        (current, pending) = mode;
        return status;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Source: facts/nvml.md 5 (both statuses), facts/host-behaviour.md 3 (off while functions are enabled is refused).
    /// That
    /// a vGPU without a VM counts as a user is assumed.
    /// </remarks>
    public NvmlStatus DeviceSetMigMode(NvmlDevice device, uint mode, out NvmlStatus activationStatus) => Do(
        "nvmlDeviceSetMigMode", out activationStatus, NvmlStatus.Success, needsRoot: true, () =>
        {
            if (Find(device) is not { } gpu || mode > 1)
            {
                return (NvmlStatus.InvalidArgument, NvmlStatus.Success);
            }

            return gpu.HasMig
                ? (NvmlStatus.Success, SetMigMode(gpu, mode == 1))
                : (NvmlStatus.NotSupported, NvmlStatus.Success);
        });

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 2 (the numbers); that it is reported in MIG mode too is assumed.</remarks>
    public NvmlStatus DeviceGetVgpuCapability(NvmlDevice device, uint capability, out uint result) => Ask(
        "nvmlDeviceGetVgpuCapabilities", device, out result, 0u,
        gpu => _host.State.Setup.DriverHasNoVgpu || capability > LastCapability
            ? (_host.State.Setup.DriverHasNoVgpu ? NvmlStatus.NotSupported : NvmlStatus.InvalidArgument, 0u)
            : (NvmlStatus.Success,
                capability is MixedProfilesCapability or MixedSizesCapability && gpu.Model.MixedSizes ? 1u : 0u));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: not supported in MIG mode.</remarks>
    public NvmlStatus DeviceGetVgpuHeterogeneousMode(NvmlDevice device, out uint mode) => Ask(
        "nvmlDeviceGetVgpuHeterogeneousMode", device, out mode, 0u,
        gpu => HasMixedSizes(gpu) ? (NvmlStatus.Success, gpu.MixedSizes ? 1u : 0u) : (NvmlStatus.NotSupported, 0u));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: in use if any vGPU or mediated device exists.</remarks>
    public NvmlStatus DeviceSetVgpuHeterogeneousMode(NvmlDevice device, uint mode) => Do(
        "nvmlDeviceSetVgpuHeterogeneousMode", out _, 0, needsRoot: true, () =>
        {
            if (Find(device) is not { } gpu || mode > 1)
            {
                return (NvmlStatus.InvalidArgument, 0);
            }

            if (!HasMixedSizes(gpu) || gpu.Vgpus.Count > 0)
            {
                return (HasMixedSizes(gpu) ? NvmlStatus.InUse : NvmlStatus.NotSupported, 0);
            }

            gpu.MixedSizes = mode == 1;
            return (NvmlStatus.Success, 0);
        });

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerState(NvmlDevice device, out NvmlVgpuScheduler state) => Ask(
        "nvmlDeviceGetVgpuSchedulerState", device, out state, default,
        gpu => gpu.MigCurrent || _host.State.Setup.DriverHasNoVgpu
            ? (NvmlStatus.NotSupported, default)
            : (NvmlStatus.Success, new NvmlVgpuScheduler(gpu.SchedulerPolicy, gpu.ArrMode, gpu.TimesliceNs, 0, 0)));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: not supported in MIG mode, without vGPU host driver, or if any vGPU
    /// exists.</remarks>
    public NvmlStatus DeviceSetVgpuSchedulerState(NvmlDevice device, NvmlVgpuScheduler state) => Do(
        "nvmlDeviceSetVgpuSchedulerState", out _, 0, needsRoot: true, () =>
        {
            if (Find(device) is not { } gpu || state.Policy is < 1 or > 3)
            {
                return (NvmlStatus.InvalidArgument, 0);
            }

            if (gpu.MigCurrent || gpu.Vgpus.Count > 0 || _host.State.Setup.DriverHasNoVgpu
                || (gpu.MixedSizes && state.Policy == 3))
            {
                return (NvmlStatus.NotSupported, 0);
            }

            (gpu.SchedulerPolicy, gpu.ArrMode, gpu.TimesliceNs) = (state.Policy, state.ArrMode, state.TimesliceNs);
            return (NvmlStatus.Success, 0);
        });

    /// <inheritdoc/>
    /// <remarks>Source: facts/host-behaviour.md 6: time slices of 1-30 ms, 63-960 Hz, averages of 1-60.</remarks>
    public NvmlStatus DeviceGetVgpuSchedulerCapabilities(NvmlDevice device, out NvmlVgpuSchedulerLimits? limits) => Ask(
        "nvmlDeviceGetVgpuSchedulerCapabilities", device, out limits, null,
        _ => (NvmlStatus.Success, new NvmlVgpuSchedulerLimits([1, 2, 3], 1_000_000, 30_000_000, true, 63, 960, 1, 60)));

    private static bool HasMixedSizes(LabGpu gpu) => gpu.Model.MixedSizes && !gpu.MigCurrent;

    private NvmlStatus SetMigMode(LabGpu gpu, bool enabled)
    {
        gpu.MigPending = enabled;
        if (gpu.MigCurrent == enabled)
        {
            return NvmlStatus.Success;
        }

        // Source: facts/host-behaviour.md 3: hard on RTX PRO 6000, lost on Ampere; that Hopper is as strict is assumed.
        var isOrderWrong = enabled && gpu.FunctionCount > 0 && !gpu.Model.MigNeedsReset;
        var isBusy = isOrderWrong || LabGpuRules.FindUser(_host.State, gpu, _host.Actor.Owner) is not null
            || gpu.Vgpus.Count > 0
            || (!enabled && (gpu.FunctionCount > 0 || gpu.Instances.Count > 0));
        if (isBusy || _host.State.Setup.MigChangeAsksForReset)
        {
            return isBusy ? NvmlStatus.InUse : NvmlStatus.ResetRequired;
        }

        LabGpuRules.Rebind(gpu);
        gpu.MigCurrent = enabled;
        return NvmlStatus.Success;
    }
}
