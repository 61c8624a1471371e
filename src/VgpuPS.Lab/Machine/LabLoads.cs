namespace VgpuPS.Lab.Machine;

/// <summary>
/// What VMs make of their vGPUs, and what the GPU's counters make of that: the truth that NVML reports a part of.
/// </summary>
/// <remarks>
/// Source: facts/metrics.md A9: a vGPU's load is a share of what it can use at most, the GPU or its GPU instance. How
/// power, temperature and clocks follow the load is assumed.
/// </remarks>
internal static class LabLoads
{
    private const double IdlePower = 55.0 / 300;
    private const double IdleCelsius = 34;
    private const double LoadCelsius = 41;
    private const double NsPerSecond = 1e9;
    private const double BytesPerSecondAtFullLoad = 8e9;

    // Source: nvml.h, NVML_FI_DEV_PERF_POLICY_POWER.
    private const uint PowerPolicy = 74;

    /// <summary>vGPUs whose VM runs.</summary>
    public static IEnumerable<LabVgpu> Running(LabGpu gpu) => gpu.Vgpus.Where(v => v.Holder is not null);

    /// <summary>Share of time in which a GPU works, 0 to 1.</summary>
    public static double Busy(LabGpu gpu) => Busy(gpu, l => l.Sm);

    /// <summary>The same of one of its parts.</summary>
    public static double Busy(LabGpu gpu, Func<LabVgpuLoad, double> part) => Math.Min(1, gpu.MigCurrent
        ? gpu.Instances.Sum(i => Busy(gpu, i, part)
            * (gpu.Model.FindProfile(i.Profile)?.ComputeSlices ?? 0) / Math.Max(1, gpu.Model.ComputeSlices))
        : Running(gpu).Sum(v => Part(v, part)));

    /// <summary>The same of one of its GPU instances.</summary>
    public static double Busy(LabGpu gpu, LabGpuInstance instance, Func<LabVgpuLoad, double> part) => Math.Min(
        1, Running(gpu).Where(v => v.GpuInstance == instance.Id).Sum(v => Part(v, part)));

    /// <summary>What a vGPU does, whoever makes it do so, in percent.</summary>
    public static double PartOf(LabVgpu vgpu, Func<LabVgpuLoad, double> part) => Part(vgpu, part) * 100;

    /// <summary>Power in watts.</summary>
    public static double Watts(LabGpu gpu) => gpu.Meters.Watts
        ?? (LabWorkers.SpeedOf(gpu).PowerWatts * (IdlePower + ((1 - IdlePower) * Busy(gpu))));

    /// <summary>Limit of the power in watts.</summary>
    public static double LimitWatts(LabGpu gpu) => gpu.Meters.LimitWatts ?? LabWorkers.SpeedOf(gpu).PowerWatts;

    /// <summary>Temperature in degrees Celsius.</summary>
    public static double Celsius(LabGpu gpu) => gpu.Meters.Celsius ?? (IdleCelsius + (LoadCelsius * Busy(gpu)));

    /// <summary>What happens in a time in which loads stay as they are.</summary>
    public static void Pass(LabState state, LabGpu gpu, long nanoseconds)
    {
        if (!state.DriverIsLoaded || gpu.Driver != "nvidia")
        {
            return;
        }

        var seconds = nanoseconds / NsPerSecond;
        gpu.Meters.Joules += Watts(gpu) * seconds;
        var moved = Math.Min(1, Running(gpu).Sum(v => (v.Load?.Memory ?? 0) / 100 * PartOfGpu(gpu, v)))
            * BytesPerSecondAtFullLoad * seconds;
        gpu.Meters.PcieTransmitted += moved / 2;
        gpu.Meters.PcieReceived += moved;
        if (gpu.Meters.ClockFactor < 1)
        {
            gpu.Meters.ClockEventNs[PowerPolicy] =
                gpu.Meters.ClockEventNs.GetValueOrDefault(PowerPolicy) + (ulong)nanoseconds;
        }

        foreach (var vgpu in Running(gpu).Where(
            v => v.GpuInstance is null && (v.Load is not null || v.ProgramLoad is not null)))
        {
            vgpu.RunNs = (vgpu.RunNs ?? 0) + (long)(nanoseconds * Part(vgpu, l => l.Sm));
        }
    }

    private static double PartOfGpu(LabGpu gpu, LabVgpu vgpu) => gpu.MigCurrent
        ? (double)(gpu.Instances.Find(i => i.Id == vgpu.GpuInstance) is { } instance
            ? gpu.Model.FindProfile(instance.Profile)?.ComputeSlices ?? 0 : 0) / Math.Max(1, gpu.Model.ComputeSlices)
        : 1;

    private static double Part(LabVgpu vgpu, Func<LabVgpuLoad, double> part) => Math.Min(
        1, ((vgpu.Load is { } load ? part(load) : 0) + (vgpu.ProgramLoad is { } program ? part(program) : 0)) / 100);
}

public sealed partial class LabHost
{
    /// <summary>Lets a running VM use its vGPUs: compute, and memory half as much.</summary>
    /// <param name="vm">The VM; nothing happens where it does not run.</param>
    /// <param name="percent">Of what a vGPU can use at most.</param>
    public void SetLoad(int vm, double percent) => Edit(state =>
    {
        var pids = state.Processes.Where(p => p.Vm == vm).Select(p => p.Pid).ToList();
        foreach (var vgpu in state.Gpus.SelectMany(LabLoads.Running).Where(v => pids.Contains(v.Holder!.Value)))
        {
            vgpu.Load ??= new LabVgpuLoad();
            (vgpu.Load.Sm, vgpu.Load.Memory) = (percent, percent / 2);
        }
    });
}

/// <summary>What a VM makes of its vGPU, in percent of what the vGPU can use at most.</summary>
public sealed class LabVgpuLoad
{
    /// <summary>Compute and graphics.</summary>
    public double Sm { get; set; }

    /// <summary>Memory bandwidth.</summary>
    public double Memory { get; set; }

    /// <summary>Video encoding.</summary>
    public double Encoder { get; set; }

    /// <summary>Video decoding.</summary>
    public double Decoder { get; set; }

    /// <summary>JPEG decoding.</summary>
    public double Jpeg { get; set; }

    /// <summary>Optical flow.</summary>
    public double OpticalFlow { get; set; }

    /// <summary>Warps on SMs, of those that fit.</summary>
    public double Occupancy { get; set; }

    /// <summary>Tensor cores.</summary>
    public double Tensor { get; set; }

    /// <summary>Frame buffer in use, in MiB; null for all of it.</summary>
    public long? FramebufferMiB { get; set; }

    /// <summary>Sessions that encode.</summary>
    public uint EncoderSessions { get; set; }

    /// <summary>Frames that they encode in a second.</summary>
    public uint EncoderFps { get; set; }

    /// <summary>Time that a frame takes, in microseconds.</summary>
    public uint EncoderLatencyUs { get; set; }
}

/// <summary>What a GPU's counters show.</summary>
public sealed class LabGpuMeters
{
    /// <summary>Power in watts; null for what the load makes of it.</summary>
    public double? Watts { get; set; }

    /// <summary>Limit of the power in watts; null for the board's own.</summary>
    public double? LimitWatts { get; set; }

    /// <summary>Lanes of its PCI Express link, of 16; null for all.</summary>
    public int? LinkWidth { get; set; }

    /// <summary>Temperature in degrees Celsius; null for what the load makes of it.</summary>
    public double? Celsius { get; set; }

    /// <summary>What holds the clocks down, as in NVML; null for "idle" while nothing runs.</summary>
    public ulong? ClockEvents { get; set; }

    /// <summary>Nanoseconds for which each did, by number of NVML's field.</summary>
    public SortedDictionary<uint, ulong> ClockEventNs { get; set; } = [];

    /// <summary>What the power limit leaves of the clocks, 0 to 1.</summary>
    public double ClockFactor { get; set; } = 1;

    /// <summary>Energy in joules.</summary>
    public double Joules { get; set; }

    /// <summary>Bytes sent over PCIe.</summary>
    public double PcieTransmitted { get; set; }

    /// <summary>Bytes received over PCIe.</summary>
    public double PcieReceived { get; set; }

    /// <summary>Packets sent again.</summary>
    public uint PcieReplays { get; set; }

    /// <summary>Corrected errors of memory.</summary>
    public ulong CorrectedErrors { get; set; }

    /// <summary>Errors of memory that could not be corrected.</summary>
    public ulong UncorrectedErrors { get; set; }
}
