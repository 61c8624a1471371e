namespace VgpuPS.Lab.Machine;

/// <summary>A program of the host that has GPUs open, such as a monitoring daemon.</summary>
public sealed class LabProgram
{
    /// <summary>Its process id.</summary>
    public int Pid { get; set; }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its systemd unit; null for none.</summary>
    public string? Unit { get; set; }

    /// <summary>Addresses of the GPUs that it has open.</summary>
    public List<string> Gpus { get; set; } = [];
}
