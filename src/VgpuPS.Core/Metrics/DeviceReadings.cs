namespace VgpuPS.Core.Metrics;

/// <summary>What a GPU's driver measures of it, whatever its mode.</summary>
public sealed record GpuReadings
{
    /// <summary>Memory in use, bytes.</summary>
    public required Reading MemoryUsedBytes { get; init; }

    /// <summary>Share of time in which something ran on it, 0 to 1.</summary>
    public required Reading Busy { get; init; }

    /// <summary>Share of time in which its memory was read or written, 0 to 1.</summary>
    public required Reading MemoryBusy { get; init; }

    /// <summary>Share of time in which video was encoded, 0 to 1.</summary>
    public required Reading EncoderBusy { get; init; }

    /// <summary>Share of time in which video was decoded, 0 to 1.</summary>
    public required Reading DecoderBusy { get; init; }

    /// <summary>Power, watts.</summary>
    public required Reading PowerWatts { get; init; }

    /// <summary>The limit of its power that is in effect, watts.</summary>
    public required Reading PowerLimitWatts { get; init; }

    /// <summary>Energy since the driver was loaded, joules.</summary>
    public required Reading EnergyJoules { get; init; }

    /// <summary>Temperature of the GPU, degrees Celsius.</summary>
    public required Reading TemperatureCelsius { get; init; }

    /// <summary>Temperature of its memory, degrees Celsius.</summary>
    public required Reading MemoryTemperatureCelsius { get; init; }

    /// <summary>Performance state, 0 the fastest to 15.</summary>
    public required Reading PerformanceState { get; init; }

    /// <summary>Clocks in hertz by <c>graphics</c>, <c>sm</c>, <c>memory</c>, <c>video</c>.</summary>
    public required IReadOnlyList<NamedReading> ClocksHertz { get; init; }

    /// <summary>What holds its clocks down now, 1 or 0, by reason.</summary>
    public required IReadOnlyList<NamedReading> ClockEvents { get; init; }

    /// <summary>How long each reason has held them down, seconds.</summary>
    public required IReadOnlyList<NamedReading> ClockEventSeconds { get; init; }

    /// <summary>Bytes that it has sent over PCIe.</summary>
    public required Reading PcieTransmitBytes { get; init; }

    /// <summary>Bytes that it has received over PCIe.</summary>
    public required Reading PcieReceiveBytes { get; init; }

    /// <summary>Packets that were sent again over PCIe.</summary>
    public required Reading PcieReplays { get; init; }

    /// <summary>Errors of memory over its life, by <c>corrected</c> and <c>uncorrected</c>.</summary>
    public required IReadOnlyList<NamedReading> EccErrors { get; init; }
}

/// <summary>One of several numbers of a kind.</summary>
/// <param name="Name">Its name, as a label has it.</param>
/// <param name="Reading">The number.</param>
public readonly record struct NamedReading(string Name, Reading Reading);

/// <summary>What a vGPU uses, each a share of what it can use at most, 0 to 1.</summary>
/// <param name="Sm">Compute and graphics.</param>
/// <param name="Memory">Memory bandwidth.</param>
/// <param name="Encoder">Video encoding.</param>
/// <param name="Decoder">Video decoding.</param>
/// <param name="Jpeg">JPEG decoding.</param>
/// <param name="OpticalFlow">Optical flow.</param>
/// <remarks>Source: facts/metrics.md A9 and A10: the driver's percents are of the physical GPU, all of which a
/// time-sliced vGPU can use while nothing else runs.</remarks>
public sealed record VgpuLoad(
    Reading Sm, Reading Memory, Reading Encoder, Reading Decoder, Reading Jpeg, Reading OpticalFlow)
{
    /// <summary>None of it is to be had.</summary>
    public static VgpuLoad Missing(MetricAbsence why)
    {
        var none = Reading.Missing(why);
        return new VgpuLoad(none, none, none, none, none, none);
    }
}

/// <summary>Video encoding and frame capture of a vGPU, averages of the last second.</summary>
/// <param name="EncoderSessions">Sessions that encode.</param>
/// <param name="EncoderFramesPerSecond">Frames a second, over the sessions.</param>
/// <param name="EncoderLatencySeconds">Time that a frame takes, seconds.</param>
/// <param name="CaptureSessions">Sessions that capture frames.</param>
/// <param name="CaptureFramesPerSecond">Frames a second, over the sessions.</param>
/// <param name="CaptureLatencySeconds">Time that a frame takes, seconds.</param>
/// <remarks>Source: facts/metrics.md A16.</remarks>
public sealed record VgpuVideo(
    Reading EncoderSessions, Reading EncoderFramesPerSecond, Reading EncoderLatencySeconds,
    Reading CaptureSessions, Reading CaptureFramesPerSecond, Reading CaptureLatencySeconds);

/// <summary>GPU time that the scheduler of time-sliced vGPUs has given.</summary>
/// <param name="RunSeconds">By software runlist, ascending id: seconds since its VM started; empty while it gives
/// none.</param>
/// <param name="Absence">Why it cannot be had; <see cref="MetricAbsence.None"/> where it can.</param>
/// <remarks>Source: facts/metrics.md G2 to G5: which runlist is which vGPU's is not told.</remarks>
public sealed record SchedulerRun(IReadOnlyList<NamedReading> RunSeconds, MetricAbsence Absence);

/// <summary>What a GPU or a GPU instance used between two moments, each 0 to 1.</summary>
/// <param name="Graphics">Share of time in which its engine was busy.</param>
/// <param name="Sm">Share of SMs that were busy.</param>
/// <param name="Occupancy">Warps on the SMs, of those that fit.</param>
/// <param name="Tensor">Share of time in which tensor cores were busy.</param>
/// <param name="Dram">Memory bandwidth, of what there is.</param>
/// <remarks>Source: facts/metrics.md A32.</remarks>
public sealed record GpmReadings(Reading Graphics, Reading Sm, Reading Occupancy, Reading Tensor, Reading Dram)
{
    /// <summary>None of it is to be had.</summary>
    public static GpmReadings Missing(MetricAbsence why)
    {
        var none = Reading.Missing(why);
        return new GpmReadings(none, none, none, none, none);
    }
}
