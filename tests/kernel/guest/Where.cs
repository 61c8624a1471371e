namespace VgpuPS.KernelBed.Guest;

/// <summary>On which back end a scenario runs.</summary>
internal enum Where
{
    /// <summary>On both.</summary>
    Both,

    /// <summary>On mediated devices; in full on both.</summary>
    Mediated,

    /// <summary>On the vendor's VFIO; in full on both.</summary>
    Vendor,

    /// <summary>On mediated devices, as there is no such thing elsewhere.</summary>
    MediatedOnly,

    /// <summary>On the vendor's VFIO, as there is no such thing elsewhere.</summary>
    VendorOnly,
}
