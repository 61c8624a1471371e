namespace VgpuPS.Lab.Platform;

/// <summary>Which of NVIDIA's packages is installed.</summary>
public enum LabDriverFlavour
{
    /// <summary>The vGPU host driver, <c>-vgpu-kvm</c>.</summary>
    VgpuKvm,

    /// <summary>The guest driver, <c>-grid</c>: no vGPU manager, no <c>sriov-manage</c>.</summary>
    Grid,

    /// <summary>None.</summary>
    None,
}
