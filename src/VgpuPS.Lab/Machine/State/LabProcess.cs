namespace VgpuPS.Lab.Machine;

/// <summary>A running QEMU.</summary>
public sealed class LabProcess
{
    /// <summary>Its process id.</summary>
    public int Pid { get; set; }

    /// <summary>Its user id; 0 for root, as which Proxmox runs QEMU.</summary>
    public int Uid { get; set; }

    /// <summary>The VM.</summary>
    public int Vm { get; set; }

    /// <summary>Program and arguments.</summary>
    public List<string> CommandLine { get; set; } = [];
}
