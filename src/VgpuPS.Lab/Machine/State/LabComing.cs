namespace VgpuPS.Lab.Machine;

/// <summary>What will happen on the machine by itself at a moment.</summary>
public sealed class LabComing
{
    /// <summary>When, on the monotonic clock.</summary>
    public long AtNs { get; set; }

    /// <summary>Whether the driver is loaded then.</summary>
    public bool LoadsDriver { get; set; }

    /// <summary>Address of the GPU that is bound to the driver then; null for none.</summary>
    public string? BindsGpu { get; set; }

    /// <summary>The unit that starts then; null for none.</summary>
    public string? StartsUnit { get; set; }

    /// <summary>The unit that ends then; null for none.</summary>
    public string? EndsUnit { get; set; }
}
