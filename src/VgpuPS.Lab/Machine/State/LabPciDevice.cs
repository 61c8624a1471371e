namespace VgpuPS.Lab.Machine;

/// <summary>A PCI device that is no NVIDIA GPU.</summary>
public sealed class LabPciDevice
{
    /// <summary>Its address, sysfs form.</summary>
    public string Address { get; set; } = "";

    /// <summary>Vendor id in hexadecimal with <c>0x</c>.</summary>
    public string Vendor { get; set; } = "";

    /// <summary>Device id in hexadecimal with <c>0x</c>.</summary>
    public string Device { get; set; } = "";

    /// <summary>Class in hexadecimal with <c>0x</c>.</summary>
    public string Class { get; set; } = "";

    /// <summary>Its driver; null for none.</summary>
    public string? Driver { get; set; }

    /// <summary>UUIDs of mediated devices on it.</summary>
    public List<string> Mdevs { get; set; } = [];
}
