namespace VgpuPS.Core.Contracts;

/// <summary>What becomes of a start whose vGPU entry Proxmox would drop.</summary>
public enum UnreadableEntryPolicy
{
    /// <summary>The start is refused.</summary>
    Refuse,

    /// <summary>A warning, and the VM starts without it.</summary>
    Warn,
}
