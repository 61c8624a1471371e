namespace VgpuPS.Lab.Machine;

/// <summary>How a unit of systemd behaves when it is started.</summary>
public sealed class LabBootUnit
{
    /// <summary>Its name: <c>nvidia-vgpud.service</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>When a boot starts it, in milliseconds; null where a boot does not.</summary>
    public long? StartAfterMs { get; set; } = 0;

    /// <summary>How long it runs, in milliseconds; null where it stays.</summary>
    public long? RunsForMs { get; set; }

    /// <summary>How it ends: <c>success</c>, <c>exit-code</c> ….</summary>
    public string Result { get; set; } = "success";

    /// <summary>Whether it is activating while it runs, and active once it has ended.</summary>
    public bool IsOneshot { get; set; }

    /// <summary>Of which GPU it enables the functions at its end, or <c>ALL</c>; null for none.</summary>
    public string? Functions { get; set; }
}
