namespace VgpuPS.Lab.Nvml;

/// <remarks>Source: facts/metrics.md A2 to A6, A11 to A24.</remarks>
public sealed partial class LabNvml
{
    private const uint MemoryTemperatureField = 82;
    private const uint PcieTransmittedField = 197;
    private const uint PcieReceivedField = 198;
    private const ulong IdleReason = 1;
    private const ulong PowerCapReason = 4;
    private const uint LastClock = 3;

    private static readonly uint[] s_reasonTimes = [74, 76, 269, 270, 271];

    /// <inheritdoc/>
    public NvmlStatus DeviceGetUtilizationRates(NvmlDevice device, out NvmlUtilization utilization) => Ask(
        "nvmlDeviceGetUtilizationRates", device, out utilization, default, gpu => WithoutMig(
            gpu, () => new NvmlUtilization(Percent(LabLoads.Busy(gpu)), Percent(LabLoads.Busy(gpu, l => l.Memory))),
            default));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetEncoderUtilization(NvmlDevice device, out uint percent) => Ask(
        "nvmlDeviceGetEncoderUtilization", device, out percent, 0u,
        gpu => WithoutMig(gpu, () => Percent(LabLoads.Busy(gpu, l => l.Encoder)), 0u));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetDecoderUtilization(NvmlDevice device, out uint percent) => Ask(
        "nvmlDeviceGetDecoderUtilization", device, out percent, 0u,
        gpu => WithoutMig(gpu, () => Percent(LabLoads.Busy(gpu, l => l.Decoder)), 0u));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetPowerUsage(NvmlDevice device, out uint milliwatts) => Ask(
        "nvmlDeviceGetPowerUsage", device, out milliwatts, 0u,
        gpu => (NvmlStatus.Success, (uint)Math.Round(LabLoads.Watts(gpu) * 1000)));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetEnforcedPowerLimit(NvmlDevice device, out uint milliwatts) => Ask(
        "nvmlDeviceGetEnforcedPowerLimit", device, out milliwatts, 0u,
        gpu => (NvmlStatus.Success, (uint)Math.Round(LabLoads.LimitWatts(gpu) * 1000)));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetTotalEnergyConsumption(NvmlDevice device, out ulong millijoules) => Ask(
        "nvmlDeviceGetTotalEnergyConsumption", device, out millijoules, 0ul,
        gpu => (NvmlStatus.Success, (ulong)(gpu.Meters.Joules * 1000)));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetTemperature(NvmlDevice device, out uint celsius) => Ask(
        "nvmlDeviceGetTemperature", device, out celsius, 0u,
        gpu => (NvmlStatus.Success, (uint)Math.Round(LabLoads.Celsius(gpu))));

    /// <inheritdoc/>
    /// <remarks>The board's highest clocks as far as the power limit lets them be; 210 MHz at rest (assumed).</remarks>
    public NvmlStatus DeviceGetClockInfo(NvmlDevice device, uint clock, out uint megahertz) => Ask(
        "nvmlDeviceGetClockInfo", device, out megahertz, 0u, gpu => clock > LastClock
            ? (NvmlStatus.InvalidArgument, 0u)
            : (NvmlStatus.Success, clock == 2 ? (uint)LabWorkers.SpeedOf(gpu).MemoryMHz
                : LabLoads.Busy(gpu) > 0 ? Whole(LabWorkers.SpeedOf(gpu).BoostMHz * gpu.Meters.ClockFactor) : 210u));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetPerformanceState(NvmlDevice device, out uint state) => Ask(
        "nvmlDeviceGetPerformanceState", device, out state, 0u, _ => (NvmlStatus.Success, 0u));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetClocksEventReasons(NvmlDevice device, out ulong reasons) => Ask(
        "nvmlDeviceGetCurrentClocksEventReasons", device, out reasons, 0ul,
        gpu => (NvmlStatus.Success, gpu.Meters.ClockEvents ?? (
            LabLoads.Busy(gpu) <= 0 ? IdleReason : gpu.Meters.ClockFactor < 1 ? PowerCapReason : 0)));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetPcieReplayCounter(NvmlDevice device, out uint count) => Ask(
        "nvmlDeviceGetPcieReplayCounter", device, out count, 0u, gpu => (NvmlStatus.Success, gpu.Meters.PcieReplays));

    /// <inheritdoc/>
    /// <remarks>Source: facts/metrics.md A2: those since the driver was loaded are not to be had with MIG mode
    /// on.</remarks>
    public NvmlStatus DeviceGetTotalEccErrors(
        NvmlDevice device, uint errorType, uint counterType, out ulong count) => Ask(
        "nvmlDeviceGetTotalEccErrors", device, out count, 0ul, gpu => errorType > 1 || counterType > 1
            ? (NvmlStatus.InvalidArgument, 0ul)
            : gpu.MigCurrent && counterType == 0 ? (NvmlStatus.NotSupported, 0ul)
            : (NvmlStatus.Success, errorType == 0 ? gpu.Meters.CorrectedErrors : gpu.Meters.UncorrectedErrors));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetFieldValues(
        NvmlDevice device, IReadOnlyList<uint> fields, out IReadOnlyList<NvmlFieldValue> values) => Ask(
        "nvmlDeviceGetFieldValues", device, out values, [],
        gpu => (NvmlStatus.Success, (IReadOnlyList<NvmlFieldValue>)[.. fields.Select(f => Field(gpu, f))]));

    /// <inheritdoc/>
    /// <remarks>
    /// Source: facts/metrics.md A3: not supported with MIG mode on, which is inferred; whole percents of the GPU. That
    /// a vGPU of a VM that does nothing has an entry of zeros is assumed.
    /// </remarks>
    public NvmlStatus DeviceGetVgpuUtilization(NvmlDevice device, out IReadOnlyList<NvmlVgpuUtilization> samples)
    {
        const string Newest = "nvmlDeviceGetVgpuInstancesUtilizationInfo";
        var isOld = Find(Newest) != NvmlStatus.Success;
        return Ask(
            isOld ? "nvmlDeviceGetVgpuUtilization" : Newest, device, out samples, [], gpu =>
                _host.State.Setup.DriverHasNoVgpu ? (NvmlStatus.NotSupported, [])
                : WithoutMig(gpu, () => (IReadOnlyList<NvmlVgpuUtilization>)
                [
                    .. LabLoads.Running(gpu).Select(
                        v => new NvmlVgpuUtilization(
                            v.Handle, Whole(LabLoads.PartOf(v, l => l.Sm)), Whole(LabLoads.PartOf(v, l => l.Memory)),
                            Whole(LabLoads.PartOf(v, l => l.Encoder)), Whole(LabLoads.PartOf(v, l => l.Decoder)),
                            isOld ? null : Whole(LabLoads.PartOf(v, l => l.Jpeg)),
                            isOld ? null : Whole(LabLoads.PartOf(v, l => l.OpticalFlow)))),
                ], []));
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetEncoderStats(uint vgpuInstance, out NvmlSessionStats stats) => AskVgpu(
        "nvmlVgpuInstanceGetEncoderStats", vgpuInstance, out stats, default, (_, vgpu) => (
            NvmlStatus.Success, vgpu.Load is { } load
                ? new NvmlSessionStats(load.EncoderSessions, load.EncoderFps, load.EncoderLatencyUs) : default));

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetCaptureStats(uint vgpuInstance, out NvmlSessionStats stats) => AskVgpu(
        "nvmlVgpuInstanceGetFBCStats", vgpuInstance, out stats, default, (_, _) => (NvmlStatus.Success, default));

    /// <inheritdoc/>
    /// <remarks>Source: facts/metrics.md G4 and G5: nothing under best effort. Runlists count from 0 in the order of
    /// functions (assumed).</remarks>
    public NvmlStatus DeviceGetVgpuSchedulerLog(
        NvmlDevice device, out IReadOnlyList<NvmlSchedulerLogEntry> entries) => Ask(
        "nvmlDeviceGetVgpuSchedulerLog", device, out entries, [], gpu =>
            gpu.MigCurrent || _host.State.Setup.DriverHasNoVgpu ? (NvmlStatus.NotSupported, [])
            : gpu.SchedulerPolicy == 1 ? (NvmlStatus.Success, [])
            : (NvmlStatus.Success, (IReadOnlyList<NvmlSchedulerLogEntry>)
                [
                    .. LabLoads.Running(gpu).Select((v, runlist) => new NvmlSchedulerLogEntry(
                        (ulong)(_host.State.WallTicks - DateTime.UnixEpoch.Ticks) * 100, (ulong)(v.RunNs ?? 0),
                        (uint)runlist)),
                ]));

    private static uint Whole(double percent) => (uint)Math.Round(percent);

    private static uint Percent(double share) => Whole(share * 100);

    private static (NvmlStatus, T) WithoutMig<T>(LabGpu gpu, Func<T> read, T none) =>
        gpu.MigCurrent ? (NvmlStatus.NotSupported, none) : (NvmlStatus.Success, read());

    private static NvmlFieldValue Field(LabGpu gpu, uint field) => field switch
    {
        MemoryTemperatureField => new(field, NvmlStatus.Success, Math.Round(LabLoads.Celsius(gpu)) + 4),
        PcieTransmittedField => new(field, NvmlStatus.Success, Math.Floor(gpu.Meters.PcieTransmitted)),
        PcieReceivedField => new(field, NvmlStatus.Success, Math.Floor(gpu.Meters.PcieReceived)),
        _ when s_reasonTimes.Contains(field) =>
            new(field, NvmlStatus.Success, gpu.Meters.ClockEventNs.GetValueOrDefault(field)),
        _ => new(field, NvmlStatus.NotSupported, null),
    };
}
