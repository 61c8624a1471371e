namespace VgpuPS.Lab.Platform;

/// <summary>Maker of the simulated machine's processor.</summary>
public enum LabCpu
{
    /// <summary>Intel, whose IOMMU kernels before 6.8 leave off.</summary>
    Intel,

    /// <summary>AMD, whose IOMMU is on unless told otherwise.</summary>
    Amd,
}
