namespace VgpuPS.Core.Metrics;

/// <summary>Metrics of a host: the collection itself, VMs, claims, the boot service.</summary>
public static class HostMetrics
{
    private static readonly MetricGroup s_group = new();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetricFamily> All => s_group.All;

    /// <summary>The program.</summary>
    public static MetricFamily Build { get; } = s_group.Gauge(
        "build_info", "Version of vgpu-hook; always 1.", "version");

    /// <summary>The host.</summary>
    public static MetricFamily Host { get; } = s_group.Gauge(
        "host_info", "Node and its kernel; always 1.", "node", "kernel");

    /// <summary>The driver.</summary>
    public static MetricFamily Driver { get; } = s_group.Gauge(
        "driver_info", "Version of NVIDIA's host driver; always 1.", "version");

    /// <summary>How long the collection took.</summary>
    public static MetricFamily Duration { get; } = s_group.Gauge(
        "collect_duration_seconds", "How long these values took to read.");

    /// <summary>Whether GPUs were not asked.</summary>
    public static MetricFamily Skipped { get; } = s_group.Gauge(
        "collect_skipped",
        "1 while a VM start or another change holds the host lock: then nothing that needs the driver is here.");

    /// <summary>What could not be read.</summary>
    public static MetricFamily Failed { get; } = s_group.Gauge(
        "collect_failed", "1 where a part of the host could not be read, so that its metrics are not here.", "part");

    /// <summary>Whether the driver answers.</summary>
    public static MetricFamily DriverUp { get; } = s_group.Gauge(
        "driver_up", "Whether NVIDIA's driver is loaded and answers.");

    /// <summary>VMs' names.</summary>
    public static MetricFamily Vm { get; } = s_group.Gauge(
        "vm_info", "Name of a VM that has a vGPU or a claim to one; always 1.", "vm", "name");

    /// <summary>The hook's claims.</summary>
    public static MetricFamily Claims { get; } = s_group.Gauge(
        "claims", "Claims of VMs to vGPUs, by state: pending, live, held.", "state");

    /// <summary>What is left over.</summary>
    public static MetricFamily Orphans { get; } = s_group.Gauge(
        "orphans", "Claims and vGPUs of VMs that neither run nor start; vgpu-hook sweep releases them.", "kind");

    /// <summary>Whether the boot service did its work.</summary>
    public static MetricFamily BootSuccess { get; } = s_group.Gauge(
        "boot_restore_success", "Whether the boot service made all GPUs as the layout has them.");

    /// <summary>When it did.</summary>
    public static MetricFamily BootTime { get; } = s_group.Gauge(
        "boot_restore_timestamp_seconds", "When the boot service last reported, as seconds since 1970.");

    /// <summary>How long it took.</summary>
    public static MetricFamily BootDuration { get; } = s_group.Gauge(
        "boot_restore_duration_seconds", "How long the boot service took.");

    /// <summary>GPUs by what it did.</summary>
    public static MetricFamily BootGpus { get; } = s_group.Gauge(
        "boot_restore_gpus", "GPUs of the layout by what the boot service did: restored, unchanged, failed.",
        "outcome");

    /// <summary>What is to be had of a GPU.</summary>
    public static MetricFamily Supported { get; } = s_group.Gauge(
        "metric_supported",
        "Whether a metric is to be had of a GPU now; 0 with the reason, such as not_supported with MIG mode on.",
        "gpu", "metric", "reason");
}
