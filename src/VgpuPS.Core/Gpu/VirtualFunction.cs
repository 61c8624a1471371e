namespace VgpuPS.Core.Gpu;

/// <summary>A function that can have a vGPU: a virtual function, or the GPU itself before SR-IOV.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Parent">The GPU's physical function; the same address on a GPU without SR-IOV.</param>
/// <param name="Index">N of the GPU's link <c>virtfnN</c>; 0 for the GPU itself.</param>
/// <param name="Driver">Name of the bound driver; null when none is.</param>
/// <param name="IommuGroup">IOMMU group; null when it has none.</param>
/// <param name="Backend">How it offers vGPUs.</param>
/// <param name="CurrentType">Vendor VFIO: the type set now; null for none.</param>
/// <param name="Devices">Mediated devices on it.</param>
public sealed record VirtualFunction(
    PciAddress Address, PciAddress Parent, int Index, string? Driver, int? IommuGroup, VgpuBackend Backend,
    VgpuTypeId? CurrentType, IReadOnlyList<MediatedDevice> Devices)
{
    /// <summary>Whether it has a vGPU, started or not.</summary>
    public bool IsOccupied => CurrentType is not null || Devices.Count > 0;

    /// <summary>Whether it is the driver's and offers no vGPU types: the vGPU manager has not made it ready.</summary>
    /// <remarks>Source: facts/errors.md B3.</remarks>
    public bool LacksTypes => Driver == "nvidia" && Backend == VgpuBackend.None;

    /// <summary>Whether it carries as many vGPUs as their types allow, and not one: a GPU before SR-IOV.</summary>
    /// <remarks>Source: facts/host-behaviour.md 0 and 1.3.</remarks>
    public bool IsShared => Address == Parent;
}

/// <summary>How a GPU's functions offer vGPUs to the hypervisor.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 0: it is known only once functions exist; decided by probing, never by GPU family.
/// </remarks>
public enum VgpuBackend
{
    /// <summary>Not known: no function exists, or none offers types.</summary>
    None,

    /// <summary>Mediated devices: <c>mdev_supported_types</c> on the function (or on the GPU itself before
    /// SR-IOV).</summary>
    Mdev,

    /// <summary>Vendor-specific VFIO: the directory <c>nvidia</c> in the function.</summary>
    VendorVfio,
}
