namespace VgpuPS.Lab.Machine;

/// <summary>A process, or an actor of one, that has NVML open.</summary>
public sealed class LabNvmlClient
{
    /// <summary>Who.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Process of this workstation that the owner lives in; 0 for one that never ends by itself.</summary>
    public int Pid { get; set; }

    /// <summary>How often it was initialised.</summary>
    public int Count { get; set; }

    /// <summary>Addresses of attached GPUs.</summary>
    public List<string> Gpus { get; set; } = [];
}
