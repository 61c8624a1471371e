namespace VgpuPS.Core.Rows;

/// <summary>What the vGPU of a VM delivered in one workload and one mode.</summary>
public sealed record VgpuPerformanceInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>What was exercised: <c>HostToDevice</c>, <c>DeviceToHost</c>, <c>DeviceMemory</c>, <c>SmallGemm</c>,
    /// <c>LargeGemm</c> or <c>TensorLoop</c>.</summary>
    public required string Workload { get; init; }

    /// <summary><c>Idle</c>: this vGPU worked alone; <c>Loaded</c>: all that were named at once.</summary>
    public required string Mode { get; init; }

    /// <summary><c>Builtin</c> for <c>vgpu-bench</c>, <c>Cuda</c> for programs that the guest has.</summary>
    public required string Tool { get; init; }

    /// <summary>Median of all samples in the common time, in <see cref="Unit"/>.</summary>
    public required double Value { get; init; }

    /// <summary><c>GB/s</c> (1e9 bytes) or <c>GFLOP/s</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>Distance of the quartiles of the samples, in <see cref="Unit"/>; null for fewer than two.</summary>
    public required double? Spread { get; init; }

    /// <summary>The samples in the common time, in order, in <see cref="Unit"/>.</summary>
    public required IReadOnlyList<double> Samples { get; init => field = RowList.Of(value); }

    /// <summary>What this vGPU can at most, in <see cref="Unit"/>: the whole board where it is time-sliced, its
    /// instance's share where it is MIG-backed, the whole link for PCI Express; null where it is not known.</summary>
    public required double? Peak { get; init; }

    /// <summary>What the whole board can at most, in <see cref="Unit"/>; null where it is not known.</summary>
    public required double? GpuPeak { get; init; }

    /// <summary><see cref="Value"/> of <see cref="Peak"/>, from 0 to 1; null where the peak is not known.</summary>
    public double? Efficiency => Value / Peak;

    /// <summary><c>TimeSliced</c> or <c>MigBacked</c>.</summary>
    public required string Sharing { get; init; }

    /// <summary>Type of the vGPU without the product prefix: <c>A30-6C</c>.</summary>
    public required string VgpuType { get; init; }

    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Model of the GPU, as the driver has it: <c>NVIDIA A30</c>.</summary>
    public required string Model { get; init; }

    /// <summary>How many vGPUs the GPU had then.</summary>
    public required int VgpuCount { get; init; }

    /// <summary>How many of them worked at once.</summary>
    public required int WorkingCount { get; init; }

    /// <summary>Start of the common time by the host's clock; UTC, until a face shows it.</summary>
    public required DateTime Time { get; set; }

    /// <summary>Length of the common time, in seconds; the sum where it was repeated.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether a model of a GPU answered, and no GPU.</summary>
    public required bool IsSimulated { get; init; }

    /// <summary>What it was like on host and guest meanwhile.</summary>
    public required VgpuPerformanceConditions Conditions { get; init; }

    /// <summary>What may have spoilt the figure, in words; empty where nothing is known.</summary>
    public required IReadOnlyList<string> Notes { get; init => field = RowList.Of(value); }

    /// <summary>VM, workload, mode and value.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"VM {VmId} {Workload} {Mode}: {Value:0.#} {Unit}");
}

/// <summary>What a figure was measured under.</summary>
/// <remarks>Source: facts/measuring.md F27. Every member is null where it could not be read.</remarks>
public sealed record VgpuPerformanceConditions
{
    /// <summary>The scheduler of time-sliced vGPUs: <c>BestEffort</c>, <c>EqualShare</c> or
    /// <c>FixedShare</c>.</summary>
    public string? Scheduler { get; init; }

    /// <summary>Version of the host's driver.</summary>
    public string? HostDriver { get; init; }

    /// <summary>Version of the guest's driver.</summary>
    public string? GuestDriver { get; init; }

    /// <summary>State of the licence before and after: <c>Licensed</c>.</summary>
    public string? License { get; init; }

    /// <summary>Whether ECC is on.</summary>
    public bool? Ecc { get; init; }

    /// <summary>Lowest clock of the multiprocessors meanwhile, in MHz.</summary>
    public double? LowestClockMHz { get; init; }

    /// <summary>Highest clock of the multiprocessors meanwhile, in MHz.</summary>
    public double? HighestClockMHz { get; init; }

    /// <summary>Highest power of the board meanwhile, in W.</summary>
    public double? PowerWatts { get; init; }

    /// <summary>Power limit of the board, in W.</summary>
    public double? PowerLimitWatts { get; init; }

    /// <summary>Why the clocks were held back meanwhile: <c>SwPowerCap</c>, joined by ", ".</summary>
    public string? ClockEvents { get; init; }

    /// <summary>PCI Express generation and width meanwhile: <c>4.0 x16</c>.</summary>
    public string? PcieLink { get; init; }

    /// <summary>NUMA node of the GPU.</summary>
    public int? GpuNode { get; init; }

    /// <summary>CPUs that the VM is pinned to; empty where it is not.</summary>
    public string? Affinity { get; init; }

    /// <summary>Plugin parameters of the vGPU; empty without any.</summary>
    public string? Parameters { get; init; }

    /// <summary>What of it is known, in words.</summary>
    public override string ToString() => string.Join(", ", ((string?[])[
        GuestDriver is null ? null : $"guest driver {GuestDriver}",
        HostDriver is null ? null : $"host driver {HostDriver}",
        License, Scheduler,
        HighestClockMHz is null ? null : string.Create(
            CultureInfo.InvariantCulture, $"{LowestClockMHz:0} to {HighestClockMHz:0} MHz"),
        PowerWatts is null ? null : string.Create(
            CultureInfo.InvariantCulture, $"{PowerWatts:0} of {PowerLimitWatts:0} W"),
        PcieLink, ClockEvents,
    ]).Where(text => !string.IsNullOrEmpty(text)));
}
