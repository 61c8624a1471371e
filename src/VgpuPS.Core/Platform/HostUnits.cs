namespace VgpuPS.Core.Platform;

/// <summary>Names of systemd units that vGPUs depend on.</summary>
public static class HostUnits
{
    /// <summary>Registers the vGPU types, and ends.</summary>
    public const string Vgpud = "nvidia-vgpud.service";

    /// <summary>Runs vGPUs.</summary>
    public const string VgpuManager = "nvidia-vgpu-mgr.service";

    /// <summary>Applies the layout at boot.</summary>
    public const string Boot = "vgpups.service";

    /// <summary>Sweeps every minute.</summary>
    public const string SweepTimer = "vgpups-sweep.timer";

    /// <summary>What the timer starts.</summary>
    public const string Sweep = "vgpups-sweep.service";

    /// <summary>Instances of Proxmox's unit that enables functions; loaded ones alone match.</summary>
    public const string SriovPattern = "pve-nvidia-sriov@*.service";
}
