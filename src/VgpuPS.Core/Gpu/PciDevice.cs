namespace VgpuPS.Core.Gpu;

/// <summary>A PCI device of any kind.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Vendor">PCI vendor id; NVIDIA is 0x10de.</param>
/// <param name="Device">PCI device id.</param>
/// <param name="Class">PCI class with subclass and interface, such as 0x030200.</param>
/// <param name="Driver">Name of the bound driver; null when none is.</param>
/// <param name="ParentFunction">The physical function when it is a virtual one; else null.</param>
public sealed record PciDevice(
    PciAddress Address, int Vendor, int Device, int Class, string? Driver, PciAddress? ParentFunction)
{
    /// <summary>NVIDIA's PCI vendor id.</summary>
    public const int NvidiaVendor = 0x10de;

    /// <summary>Whether it is NVIDIA's.</summary>
    public bool IsNvidia => Vendor == NvidiaVendor;

    /// <summary>Whether it is a display or 3D controller (class 03).</summary>
    public bool IsDisplay => Class >> 16 == 0x03;
}

/// <summary>What sysfs says about one PCI function, as far as the choice of a guest's device depends on it.</summary>
/// <param name="Address">Its address.</param>
/// <param name="VendorId">Vendor as four lower-case hex digits.</param>
/// <param name="DeviceId">Device as four lower-case hex digits.</param>
/// <param name="SubsystemVendorId">Subsystem vendor as four lower-case hex digits, or null.</param>
/// <param name="SubsystemDeviceId">Subsystem device as four lower-case hex digits, or null.</param>
/// <param name="IommuGroup">Number of its IOMMU group, or null without one.</param>
/// <param name="CanCarryVgpu">Whether it has a directory <c>mdev_supported_types</c> or <c>nvidia</c>.</param>
/// <remarks>Source: facts/proxmox.md (c).</remarks>
public sealed record PciDeviceFacts(
    PciAddress Address,
    string VendorId,
    string DeviceId,
    string? SubsystemVendorId,
    string? SubsystemDeviceId,
    int? IommuGroup,
    bool CanCarryVgpu);
