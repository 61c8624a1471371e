using VgpuPS.Core.Metrics;

namespace VgpuPS.Host.Nvml;

internal sealed partial class NvmlGpuDriverSession
{
    private const uint Corrected = 0;
    private const uint Uncorrected = 1;
    private const uint OverLife = 1;
    private const uint UnknownState = 32;
    private const double Percent = 0.01;
    private const double Milli = 1e-3;
    private const double Micro = 1e-6;
    private const double Nano = 1e-9;
    private const double Mega = 1e6;

    private const uint MemoryTemperature = 82;
    private const uint PcieTransmitted = 197;
    private const uint PcieReceived = 198;

    private static readonly string[] s_clocks = ["graphics", "sm", "memory", "video"];

    /// <remarks>Source: facts/metrics.md A24.</remarks>
    private static readonly (ulong Bit, string Name)[] s_reasons =
    [
        (0x1, "idle"), (0x2, "application_clocks"), (0x4, "power_cap"), (0x8, "hardware_slowdown"),
        (0x10, "sync_boost"), (0x20, "software_thermal"), (0x40, "hardware_thermal"), (0x80, "power_brake"),
        (0x100, "display_clock"),
    ];

    /// <remarks>Source: facts/metrics.md A24: nanoseconds.</remarks>
    private static readonly (uint Field, string Name)[] s_reasonTimes =
    [
        (74, "power_cap"), (76, "sync_boost"), (269, "software_thermal"), (270, "hardware_thermal"),
        (271, "power_brake"),
    ];

    private static readonly uint[] s_fields =
        [MemoryTemperature, PcieTransmitted, PcieReceived, .. s_reasonTimes.Select(r => r.Field)];

    public GpuReadings ReadGpu(PciAddress gpu)
    {
        var device = Find(gpu);
        var load = api.DeviceGetUtilizationRates(device, out var rates);
        var memory = api.DeviceGetMemoryInfo(device, out var bytes);
        var state = Ask(api.DeviceGetPerformanceState(device, out var number), number, gpu);
        var fields = ReadFields(device, gpu);
        return new GpuReadings
        {
            MemoryUsedBytes = Ask(memory, bytes.Used, gpu),
            Busy = Ask(load, rates.Gpu, gpu, Percent),
            MemoryBusy = Ask(load, rates.Memory, gpu, Percent),
            EncoderBusy = Ask(api.DeviceGetEncoderUtilization(device, out var encoder), encoder, gpu, Percent),
            DecoderBusy = Ask(api.DeviceGetDecoderUtilization(device, out var decoder), decoder, gpu, Percent),
            PowerWatts = Ask(api.DeviceGetPowerUsage(device, out var power), power, gpu, Milli),
            PowerLimitWatts = Ask(api.DeviceGetEnforcedPowerLimit(device, out var limit), limit, gpu, Milli),
            EnergyJoules = Ask(api.DeviceGetTotalEnergyConsumption(device, out var energy), energy, gpu, Milli),
            TemperatureCelsius = Ask(api.DeviceGetTemperature(device, out var celsius), celsius, gpu),
            MemoryTemperatureCelsius = fields[MemoryTemperature],
            PerformanceState = state.Value == UnknownState ? Reading.Missing(MetricAbsence.NotAvailable) : state,
            ClocksHertz = [.. s_clocks.Select((name, clock) => new NamedReading(
                name, Ask(api.DeviceGetClockInfo(device, (uint)clock, out var mhz), mhz, gpu, Mega)))],
            ClockEvents = ReadClockEvents(device, gpu),
            ClockEventSeconds = [.. s_reasonTimes.Select(
                r => new NamedReading(r.Name, fields[r.Field].Times(Nano)))],
            PcieTransmitBytes = fields[PcieTransmitted],
            PcieReceiveBytes = fields[PcieReceived],
            PcieReplays = Ask(api.DeviceGetPcieReplayCounter(device, out var replays), replays, gpu),
            EccErrors = [ReadErrors(device, gpu, "corrected", Corrected),
                ReadErrors(device, gpu, "uncorrected", Uncorrected)],
        };
    }

    public IReadOnlyDictionary<uint, VgpuLoad> ReadVgpuLoads(PciAddress gpu, out MetricAbsence why)
    {
        var status = api.DeviceGetVgpuUtilization(Find(gpu), out var samples);
        why = status == NvmlStatus.Success ? MetricAbsence.NoSample : Why(status, gpu);
        return status != NvmlStatus.Success ? new Dictionary<uint, VgpuLoad>()
            : samples.GroupBy(s => s.VgpuInstance).ToDictionary(g => g.Key, g => ToLoad(g.Last()));
    }

    public VgpuVideo ReadVideo(ActiveVgpu vgpu)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        var encoder = api.VgpuInstanceGetEncoderStats(vgpu.Handle, out var encoding);
        var capture = api.VgpuInstanceGetCaptureStats(vgpu.Handle, out var capturing);
        return new VgpuVideo(
            AskVgpu(encoder, encoding.Sessions), AskVgpu(encoder, encoding.AverageFps),
            AskVgpu(encoder, encoding.AverageLatencyUs, Micro),
            AskVgpu(capture, capturing.Sessions), AskVgpu(capture, capturing.AverageFps),
            AskVgpu(capture, capturing.AverageLatencyUs, Micro));
    }

    /// <remarks>Source: facts/metrics.md G3 and G5: the total of a runlist's newest line; no line under best
    /// effort.</remarks>
    public SchedulerRun ReadSchedulerRun(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuSchedulerLog(Find(gpu), out var entries);
        return status != NvmlStatus.Success ? new SchedulerRun([], Why(status, gpu)) : new SchedulerRun(
            [
                .. entries.GroupBy(e => e.Runlist).OrderBy(g => g.Key).Select(g => new NamedReading(
                    g.Key.ToString(CultureInfo.InvariantCulture),
                    Reading.Of(g.MaxBy(e => e.TimestampNs).RunTotalNs * Nano))),
            ],
            MetricAbsence.None);
    }

    private static VgpuLoad ToLoad(NvmlVgpuUtilization sample) => new(
        Of(sample.Sm), Of(sample.Memory), Of(sample.Encoder), Of(sample.Decoder), Of(sample.Jpeg),
        Of(sample.OpticalFlow));

    private static Reading Of(uint? percent) =>
        percent is { } known ? Reading.Of(known * Percent) : Reading.Missing(MetricAbsence.DriverTooOld);

    private NamedReading ReadErrors(NvmlDevice device, PciAddress gpu, string name, uint kind) => new(
        name, Ask(api.DeviceGetTotalEccErrors(device, kind, OverLife, out var count), count, gpu));

    private IReadOnlyList<NamedReading> ReadClockEvents(NvmlDevice device, PciAddress gpu)
    {
        var status = api.DeviceGetClocksEventReasons(device, out var reasons);
        return [.. s_reasons.Select(r => new NamedReading(
            r.Name, Ask(status, (reasons & r.Bit) != 0 ? 1 : 0, gpu)))];
    }

    private Dictionary<uint, Reading> ReadFields(NvmlDevice device, PciAddress gpu)
    {
        var status = api.DeviceGetFieldValues(device, s_fields, out var values);
        var found = s_fields.ToDictionary(f => f, _ => status == NvmlStatus.Success
            ? Reading.Missing(MetricAbsence.NotAvailable) : Reading.Missing(Why(status, gpu)));
        foreach (var value in values ?? [])
        {
            found[value.Field] = value.Status != NvmlStatus.Success ? Reading.Missing(WhyField(value.Status, gpu))
                : value.Value is { } number ? Reading.Of(number)
                : Reading.Missing(MetricAbsence.NotAvailable);
        }

        return found;
    }

    private static Reading Ask(NvmlStatus status, double value, PciAddress gpu, double factor = 1) =>
        status == NvmlStatus.Success ? Reading.Of(value * factor) : Reading.Missing(Why(status, gpu));

    private static Reading AskVgpu(NvmlStatus status, double value, double factor = 1) =>
        status == NvmlStatus.Success ? Reading.Of(value * factor)
        : Reading.Missing(status == NvmlStatus.GpuIsLost ? MetricAbsence.GpuLost : Why(status, default(PciAddress)));

    // A field that is newer than the driver is refused by itself.
    private static MetricAbsence WhyField(NvmlStatus status, PciAddress gpu) =>
        status == NvmlStatus.InvalidArgument ? MetricAbsence.DriverTooOld : Why(status, gpu);

    /// <exception cref="VgpuException">The GPU is lost.</exception>
    private static MetricAbsence Why(NvmlStatus status, PciAddress gpu) => status switch
    {
        NvmlStatus.NotSupported => MetricAbsence.NotSupported,
        NvmlStatus.NotFound or NvmlStatus.NoData => MetricAbsence.NoSample,
        NvmlStatus.DriverNotLoaded or NvmlStatus.NotReady => MetricAbsence.NotAvailable,
        NvmlStatus.FunctionNotFound or NvmlStatus.ArgumentVersionMismatch or NvmlStatus.Deprecated =>
            MetricAbsence.DriverTooOld,
        NvmlStatus.GpuIsLost => throw NvmlStatusMapping.ToException(status, "nvmlDeviceGet", gpu.ToString()),
        _ => MetricAbsence.Failed,
    };
}
