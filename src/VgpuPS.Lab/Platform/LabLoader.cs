namespace VgpuPS.Lab.Platform;

/// <summary>What loads the kernel of the simulated machine.</summary>
public enum LabLoader
{
    /// <summary>GRUB, with its configuration on the root file system.</summary>
    Grub,

    /// <summary>GRUB on system partitions that <c>proxmox-boot-tool</c> keeps.</summary>
    ManagedGrub,

    /// <summary>systemd-boot, on a host with EFI and its root on ZFS.</summary>
    SystemdBoot,
}
