namespace VgpuPS.Core.Platform;

/// <summary>A unit of systemd as it is now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsThere">Whether systemd knows it.</param>
/// <param name="State"><c>active</c>, <c>inactive</c>, <c>failed</c> …</param>
/// <param name="Result">How it last ended: <c>success</c>, <c>exit-code</c> …</param>
public sealed record UnitFacts(string Name, bool IsThere, string State, string Result)
{
    /// <summary>Registers the vGPU types, and ends.</summary>
    public const string Vgpud = "nvidia-vgpud.service";

    /// <summary>Runs vGPUs.</summary>
    public const string VgpuManager = "nvidia-vgpu-mgr.service";

    /// <summary>Applies the layout at boot.</summary>
    public const string Boot = "vgpups.service";

    /// <summary>Sweeps every minute.</summary>
    public const string SweepTimer = "vgpups-sweep.timer";

    /// <summary>Whether it failed.</summary>
    public bool HasFailed => State == "failed";
}
