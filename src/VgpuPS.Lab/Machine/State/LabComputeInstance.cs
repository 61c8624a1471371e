namespace VgpuPS.Lab.Machine;

/// <summary>A compute instance.</summary>
public sealed class LabComputeInstance
{
    /// <summary>Its id within the GPU instance.</summary>
    public uint Id { get; set; }

    /// <summary>What its handle holds; never used again.</summary>
    public long Serial { get; set; }

    /// <summary>Its profile.</summary>
    public uint Profile { get; set; }

    /// <summary>First compute slice.</summary>
    public int Start { get; set; }

    /// <summary>Compute slices.</summary>
    public int Size { get; set; }

    /// <summary>Whether a process of the host runs on it.</summary>
    public bool HasProcess { get; set; }
}
