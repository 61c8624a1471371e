namespace VgpuPS.Core.Gpu;

/// <summary>How a GPU's functions offer vGPUs to the hypervisor.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 0: it is known only once functions exist; decided by probing, never by GPU family.
/// </remarks>
public enum VgpuBackend
{
    /// <summary>Not known: no function exists, or none offers types.</summary>
    None,

    /// <summary>Mediated devices: <c>mdev_supported_types</c> on the function (or on the GPU itself before SR-IOV).</summary>
    Mdev,

    /// <summary>Vendor-specific VFIO: the directory <c>nvidia</c> in the function.</summary>
    VendorVfio,
}
