namespace VgpuPS.Core.Metrics;

/// <summary>Metrics of GPUs.</summary>
public static class GpuMetrics
{
    private static readonly MetricGroup s_group = new();
    private static readonly string[] s_gpu = ["gpu", "uuid"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetricFamily> All => s_group.All;

    /// <summary>What a GPU is.</summary>
    public static MetricFamily Info { get; } = Gauge(
        "info", "Model, mode (mig or timesliced) and NUMA node of a GPU; always 1.", [.. s_gpu, "model", "mode",
            "numa_node"]);

    /// <summary>Whether it answers.</summary>
    public static MetricFamily Up { get; } = Gauge("up", "Whether the driver can read the GPU.", ["gpu"]);

    /// <summary>Memory.</summary>
    public static MetricFamily Memory { get; } = Gauge("memory_bytes", "Memory of the GPU.", s_gpu);

    /// <summary>Memory in use.</summary>
    public static MetricFamily MemoryUsed { get; } = Gauge("memory_used_bytes", "Memory in use.", s_gpu);

    /// <summary>Load.</summary>
    public static MetricFamily Busy { get; } = Gauge(
        "utilization_ratio",
        "Share of time in which something ran on the GPU; with MIG mode on from GPM (Hopper and newer).", s_gpu);

    /// <summary>Load of the memory.</summary>
    public static MetricFamily MemoryBusy { get; } = Gauge(
        "memory_utilization_ratio", "Share of time in which memory was read or written; not with MIG mode on.",
        s_gpu);

    /// <summary>Load of the encoders.</summary>
    public static MetricFamily EncoderBusy { get; } = Gauge(
        "encoder_utilization_ratio", "Share of time in which video was encoded; not with MIG mode on.", s_gpu);

    /// <summary>Load of the decoders.</summary>
    public static MetricFamily DecoderBusy { get; } = Gauge(
        "decoder_utilization_ratio", "Share of time in which video was decoded; not with MIG mode on.", s_gpu);

    /// <summary>Power.</summary>
    public static MetricFamily Power { get; } = Gauge("power_watts", "Power draw.", s_gpu);

    /// <summary>Limit of power.</summary>
    public static MetricFamily PowerLimit { get; } = Gauge("power_limit_watts", "Power limit in effect.", s_gpu);

    /// <summary>Energy.</summary>
    public static MetricFamily Energy { get; } = Counter(
        "energy_joules_total", "Energy since the driver was loaded.", s_gpu);

    /// <summary>Temperature.</summary>
    public static MetricFamily Temperature { get; } = Gauge("temperature_celsius", "Temperature of the GPU.", s_gpu);

    /// <summary>Temperature of the memory.</summary>
    public static MetricFamily MemoryTemperature { get; } = Gauge(
        "memory_temperature_celsius", "Temperature of the GPU's memory.", s_gpu);

    /// <summary>Clocks.</summary>
    public static MetricFamily Clock { get; } = Gauge(
        "clock_hertz", "Clock: graphics, sm, memory, video.", [.. s_gpu, "clock"]);

    /// <summary>Performance state.</summary>
    public static MetricFamily PerformanceState { get; } = Gauge(
        "performance_state", "Performance state, 0 the fastest to 15.", s_gpu);

    /// <summary>What holds clocks down.</summary>
    public static MetricFamily ClockEvent { get; } = Gauge(
        "clock_event", "Whether a reason holds the clocks down now; idle is no fault.", [.. s_gpu, "reason"]);

    /// <summary>How long it did.</summary>
    public static MetricFamily ClockEventTime { get; } = Counter(
        "clock_event_seconds_total", "How long a reason has held the clocks down.", [.. s_gpu, "reason"]);

    /// <summary>Bytes sent.</summary>
    public static MetricFamily PcieTransmit { get; } = Counter(
        "pcie_transmit_bytes_total", "Bytes that the GPU has sent over PCIe.", s_gpu);

    /// <summary>Bytes received.</summary>
    public static MetricFamily PcieReceive { get; } = Counter(
        "pcie_receive_bytes_total", "Bytes that the GPU has received over PCIe.", s_gpu);

    /// <summary>Packets sent again.</summary>
    public static MetricFamily PcieReplays { get; } = Counter(
        "pcie_replays_total", "Packets that were sent again over PCIe.", s_gpu);

    /// <summary>Errors of memory.</summary>
    public static MetricFamily EccErrors { get; } = Counter(
        "ecc_errors_total", "Memory errors over the GPU's life: corrected, uncorrected.", [.. s_gpu, "kind"]);

    /// <summary>MIG mode.</summary>
    public static MetricFamily Mig { get; } = Gauge(
        "mig_enabled", "Whether MIG mode is on; not on GPUs without MIG.", s_gpu);

    /// <summary>MIG mode after a reset.</summary>
    public static MetricFamily MigPending { get; } = Gauge(
        "mig_pending", "Whether MIG mode will be on after the next reset.", s_gpu);

    /// <summary>Memory slices.</summary>
    public static MetricFamily Slices { get; } = Gauge(
        "memory_slices", "Memory slices that GPU instances sit on; with MIG mode on.", s_gpu);

    /// <summary>Memory slices that are free.</summary>
    public static MetricFamily FreeSlices { get; } = Gauge(
        "memory_slices_free", "Memory slices without a GPU instance.", s_gpu);

    /// <summary>What fits, with MIG.</summary>
    public static MetricFamily ProfileFree { get; } = Gauge(
        "profile_free", "GPU instances of a profile that can still be made; with MIG mode on.",
        [.. s_gpu, "profile"]);

    /// <summary>What fits, time-sliced.</summary>
    public static MetricFamily TypeFree { get; } = Gauge(
        "type_free", "vGPUs of a type that can still be made, by memory and functions; without MIG mode.",
        [.. s_gpu, "type"]);

    /// <summary>Virtual functions.</summary>
    public static MetricFamily Functions { get; } = Gauge(
        "functions", "Virtual functions that the GPU can have; 0 without SR-IOV.", ["gpu"]);

    /// <summary>Virtual functions that it has.</summary>
    public static MetricFamily FunctionsEnabled { get; } = Gauge(
        "functions_enabled", "Virtual functions that it has.", ["gpu"]);

    /// <summary>Virtual functions that are free.</summary>
    public static MetricFamily FunctionsFree { get; } = Gauge(
        "functions_free", "Virtual functions without a vGPU and without a VM's claim or reservation.", ["gpu"]);

    /// <summary>vGPUs.</summary>
    public static MetricFamily Vgpus { get; } = Gauge(
        "vgpus", "vGPUs on the GPU by state: running, or prepared for a VM.", [.. s_gpu, "state"]);

    /// <summary>Scheduler.</summary>
    public static MetricFamily Scheduler { get; } = Gauge(
        "scheduler_policy_info", "Policy of the scheduler of time-sliced vGPUs; always 1.", [.. s_gpu, "policy"]);

    /// <summary>Time slice.</summary>
    public static MetricFamily Timeslice { get; } = Gauge(
        "scheduler_timeslice_seconds", "Time slice of the scheduler; not with best effort.", s_gpu);

    /// <summary>GPU time.</summary>
    public static MetricFamily RunTime { get; } = Counter(
        "scheduler_run_seconds_total",
        "GPU time that a software runlist was given since its VM started; which vGPU's it is the driver does not say.",
        [.. s_gpu, "runlist"]);

    private static MetricFamily Gauge(string name, string help, IReadOnlyList<string> labels) =>
        s_group.Gauge($"gpu_{name}", help, labels);

    private static MetricFamily Counter(string name, string help, IReadOnlyList<string> labels) =>
        s_group.Counter($"gpu_{name}", help, labels);
}
