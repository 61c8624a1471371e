namespace VgpuPS.Lab.Machine;

/// <summary>A running QEMU.</summary>
public sealed class LabProcess
{
    /// <summary>Its process id.</summary>
    public int Pid { get; set; }

    /// <summary>The VM.</summary>
    public int Vm { get; set; }

    /// <summary>Program and arguments.</summary>
    public List<string> CommandLine { get; set; } = [];
}
