namespace VgpuPS.Core.Pci;

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
