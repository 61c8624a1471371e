namespace VgpuPS.Lab.Machine;

/// <summary>A vGPU: a set type or a mediated device, with or without a VM.</summary>
public sealed class LabVgpu
{
    /// <summary>The function that it lies on, sysfs form.</summary>
    public string Function { get; set; } = "";

    /// <summary>Its type.</summary>
    public uint Type { get; set; }

    /// <summary>UUID of the mediated device; null for a set type.</summary>
    public string? MdevUuid { get; set; }

    /// <summary>The GPU instance that the driver chose; null for a time-sliced type.</summary>
    public uint? GpuInstance { get; set; }

    /// <summary>NVML's handle, and what its own UUID is made of.</summary>
    public uint Handle { get; set; }

    /// <summary>Process that holds it; null when none does.</summary>
    public int? Holder { get; set; }

    /// <summary>UUID of the VM that holds it.</summary>
    public string? VmUuid { get; set; }

    /// <summary>Whether its removal waits for the holder.</summary>
    public bool IsBeingRemoved { get; set; }

    /// <summary>Version of the guest's driver; null until it is up.</summary>
    public string? GuestDriver { get; set; }

    /// <summary>Licence state as in NVML, once the guest's driver is up.</summary>
    public uint LicenseState { get; set; } = 2;

    /// <summary>Plugin parameters.</summary>
    public string Parameters { get; set; } = "";
}
