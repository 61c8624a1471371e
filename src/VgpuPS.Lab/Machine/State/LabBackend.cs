namespace VgpuPS.Lab.Machine;

/// <summary>How the driver hands out vGPUs on GPUs with SR-IOV.</summary>
/// <remarks>Source: facts/host-behaviour.md 0.</remarks>
public enum LabBackend
{
    /// <summary>Mediated devices.</summary>
    Mdev,

    /// <summary>The vendor's own VFIO: <c>nvidia/current_vgpu_type</c>.</summary>
    Vfio,
}
