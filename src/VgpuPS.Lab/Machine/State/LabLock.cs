namespace VgpuPS.Lab.Machine;

/// <summary>A held flock.</summary>
public sealed class LabLock
{
    /// <summary>Number of the lock.</summary>
    public long Serial { get; set; }

    /// <summary>Inode of the file.</summary>
    public ulong Inode { get; set; }

    /// <summary>Who holds it.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Process of this workstation that the owner lives in.</summary>
    public int Pid { get; set; }

    /// <summary>Its user id; 0 for root, as which all tasks of Proxmox run.</summary>
    public int Uid { get; set; }
}
