namespace VgpuPS.Lab.Machine;

/// <summary>A unit of systemd as it is now.</summary>
public sealed class LabUnit
{
    /// <summary>Its name: <c>nvidia-vgpud.service</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>inactive</c>, <c>activating</c>, <c>active</c> or <c>failed</c>.</summary>
    public string ActiveState { get; set; } = "inactive";

    /// <summary><c>dead</c>, <c>start</c>, <c>running</c>, <c>exited</c> or <c>failed</c>.</summary>
    public string SubState { get; set; } = "dead";

    /// <summary><c>success</c>, <c>exit-code</c>, <c>timeout</c> ….</summary>
    public string Result { get; set; } = "success";

    /// <summary>When it last became inactive or failed, on the monotonic clock; 0 for not since the boot.</summary>
    public long InactiveSinceNs { get; set; }
}
