namespace VgpuPS.Lab.Machine;

/// <summary>What a simulated machine is made of.</summary>
public sealed record LabOptions
{
    /// <summary>Models of its GPUs, in ascending address; an alias will do.</summary>
    public IReadOnlyList<string> Gpus { get; init; } = ["A30", "A30"];

    /// <summary>How vGPUs are handed out.</summary>
    public LabBackend Backend { get; init; } = LabBackend.Vfio;

    /// <summary>Release of Proxmox VE: <c>8.4</c> or <c>9.2</c>.</summary>
    public string PveVersion { get; init; } = "9.2";

    /// <summary>Name of the node.</summary>
    public string Node { get; init; } = "pve1";

    /// <summary>Tells its GPUs' UUIDs from those of other machines; nothing for the usual ones.</summary>
    public string Serial { get; init; } = "";

    /// <summary>Release of the kernel; null for the one of the Proxmox VE release.</summary>
    public string? Kernel { get; init; }

    /// <summary>Version of NVIDIA's host driver.</summary>
    public string DriverVersion { get; init; } = "580.105.06";

    /// <summary>Whether it has the VMs 101 to 104 and the template 900, none with a vGPU, and the hook installed.</summary>
    public bool WithGuests { get; init; }

    /// <summary>The clock's first moment.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);
}
