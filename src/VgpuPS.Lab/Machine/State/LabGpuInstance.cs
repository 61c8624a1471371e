namespace VgpuPS.Lab.Machine;

/// <summary>A GPU instance.</summary>
public sealed class LabGpuInstance
{
    /// <summary>Its id on the GPU.</summary>
    public uint Id { get; set; }

    /// <summary>What its handle holds; never used again.</summary>
    public long Serial { get; set; }

    /// <summary>Its profile.</summary>
    public uint Profile { get; set; }

    /// <summary>First memory slice.</summary>
    public int Start { get; set; }

    /// <summary>Memory slices.</summary>
    public int Size { get; set; }

    /// <summary>Compute instances by id.</summary>
    public List<LabComputeInstance> ComputeInstances { get; set; } = [];
}
