namespace VgpuPS.Core.Metrics;

/// <summary>Metrics of vGPUs.</summary>
public static class VgpuMetrics
{
    private static readonly MetricGroup s_group = new();
    private static readonly string[] s_labels = ["gpu", "gi", "function", "uuid", "vm", "type"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetricFamily> All => s_group.All;

    /// <summary>What a vGPU is.</summary>
    public static MetricFamily Info { get; } = Gauge(
        "info", "Profile of its GPU instance, and version of the guest's driver once it is up; always 1.",
        [.. s_labels, "profile", "guest_driver"]);

    /// <summary>Whether its VM runs.</summary>
    public static MetricFamily Running { get; } = Gauge(
        "running", "Whether its VM runs; 0 for a vGPU that is prepared.", s_labels);

    /// <summary>Frame buffer.</summary>
    public static MetricFamily Framebuffer { get; } = Gauge(
        "framebuffer_bytes", "Frame buffer of its type.", s_labels);

    /// <summary>Frame buffer in use.</summary>
    public static MetricFamily FramebufferUsed { get; } = Gauge(
        "framebuffer_used_bytes", "Frame buffer that its VM uses.", s_labels);

    /// <summary>Load.</summary>
    public static MetricFamily Sm { get; } = Gauge(
        "sm_utilization_ratio",
        "Compute and graphics, as a share of what it can use at most: the GPU where time-sliced, its GPU instance "
            + "with MIG (GPM, Hopper and newer, where it has the instance alone).",
        s_labels);

    /// <summary>Load of the memory.</summary>
    public static MetricFamily Memory { get; } = Gauge(
        "memory_utilization_ratio", "Memory bandwidth, as a share of what it can use at most.", s_labels);

    /// <summary>Load of the encoder.</summary>
    public static MetricFamily Encoder { get; } = Gauge(
        "encoder_utilization_ratio", "Video encoding, as a share of the GPU; not with MIG.", s_labels);

    /// <summary>Load of the decoder.</summary>
    public static MetricFamily Decoder { get; } = Gauge(
        "decoder_utilization_ratio", "Video decoding, as a share of the GPU; not with MIG.", s_labels);

    /// <summary>Load of the JPEG decoder.</summary>
    public static MetricFamily Jpeg { get; } = Gauge(
        "jpeg_utilization_ratio", "JPEG decoding, as a share of the GPU; driver 550 and newer, not with MIG.",
        s_labels);

    /// <summary>Load of the optical flow engine.</summary>
    public static MetricFamily OpticalFlow { get; } = Gauge(
        "optical_flow_utilization_ratio",
        "Optical flow, as a share of the GPU; driver 550 and newer, not with MIG.", s_labels);

    /// <summary>Encoder sessions.</summary>
    public static MetricFamily EncoderSessions { get; } = Gauge(
        "encoder_sessions", "Sessions that encode video; the driver reports those of Windows guests alone.",
        s_labels);

    /// <summary>Frames encoded.</summary>
    public static MetricFamily EncoderFrames { get; } = Gauge(
        "encoder_frames_per_second", "Frames encoded in a second, average over its sessions.", s_labels);

    /// <summary>Time of a frame.</summary>
    public static MetricFamily EncoderLatency { get; } = Gauge(
        "encoder_latency_seconds", "Time that encoding a frame takes, average over its sessions.", s_labels);

    /// <summary>Capture sessions.</summary>
    public static MetricFamily CaptureSessions { get; } = Gauge(
        "frame_capture_sessions", "Sessions that capture frames.", s_labels);

    /// <summary>Frames captured.</summary>
    public static MetricFamily CaptureFrames { get; } = Gauge(
        "frame_capture_frames_per_second", "Frames captured in a second, average over its sessions.", s_labels);

    /// <summary>Time of a capture.</summary>
    public static MetricFamily CaptureLatency { get; } = Gauge(
        "frame_capture_latency_seconds", "Time that capturing a frame takes, average over its sessions.", s_labels);

    /// <summary>Licence.</summary>
    public static MetricFamily Licence { get; } = Gauge(
        "licence_state",
        "1 for the state that its licence is in, 0 for the others; unknown until the guest's driver is up.",
        [.. s_labels, "state"]);

    /// <summary>End of the licence.</summary>
    public static MetricFamily LicenceExpiry { get; } = Gauge(
        "licence_expiry_timestamp_seconds",
        "When its licence ends unless the guest renews it, as seconds since 1970; not for a permanent one.",
        s_labels);

    private static MetricFamily Gauge(string name, string help, IReadOnlyList<string> labels) =>
        s_group.Gauge($"vgpu_{name}", help, labels);
}
