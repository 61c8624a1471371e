namespace VgpuPS.Core.Metrics;

/// <summary>Metrics of GPU instances.</summary>
public static class InstanceMetrics
{
    private static readonly MetricGroup s_group = new();
    private static readonly string[] s_labels = ["gpu", "uuid", "gi", "profile"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetricFamily> All => s_group.All;

    /// <summary>What an instance is.</summary>
    public static MetricFamily Info { get; } = Gauge(
        "info", "First memory slice, and who made the GPU instance (hook or user); always 1.",
        [.. s_labels, "start", "made_by"]);

    /// <summary>Memory.</summary>
    public static MetricFamily Memory { get; } = Gauge("memory_bytes", "Memory of the GPU instance.", s_labels);

    /// <summary>vGPUs.</summary>
    public static MetricFamily Vgpus { get; } = Gauge("vgpus", "Running vGPUs on the GPU instance.", s_labels);

    /// <summary>Load.</summary>
    public static MetricFamily Busy { get; } = Gauge(
        "utilization_ratio", "Share of time in which its engine was busy; GPM, Hopper and newer.", s_labels);

    /// <summary>Load of the SMs.</summary>
    public static MetricFamily Sm { get; } = Gauge(
        "sm_utilization_ratio", "Share of its SMs that were busy; GPM, Hopper and newer.", s_labels);

    /// <summary>Occupancy of the SMs.</summary>
    public static MetricFamily Occupancy { get; } = Gauge(
        "sm_occupancy_ratio", "Warps on its SMs, of those that fit; GPM, Hopper and newer.", s_labels);

    /// <summary>Tensor cores.</summary>
    public static MetricFamily Tensor { get; } = Gauge(
        "tensor_utilization_ratio", "Share of time in which tensor cores were busy; GPM, Hopper and newer.", s_labels);

    /// <summary>Memory bandwidth.</summary>
    public static MetricFamily Dram { get; } = Gauge(
        "memory_bandwidth_ratio", "Memory bandwidth used, of what it has; GPM, Hopper and newer.", s_labels);

    private static MetricFamily Gauge(string name, string help, IReadOnlyList<string> labels) =>
        s_group.Gauge($"gpu_instance_{name}", help, labels);
}
