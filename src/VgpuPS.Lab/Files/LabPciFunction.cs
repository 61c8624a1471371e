using VgpuPS.Core.Pci;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Lab.Files;

/// <summary>A PCI function of the machine.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Gpu">The GPU that it is or belongs to; null for another device.</param>
/// <param name="Index">Index of a virtual function; null for a GPU or another device.</param>
/// <param name="Other">Another device; null for a GPU or its function.</param>
internal sealed record LabPciFunction(PciAddress Address, LabGpu? Gpu, int? Index, LabPciDevice? Other)
{
    public string Text { get; } = Address.ToString();

    public string? Driver => Other is not null ? Other.Driver : Index is null ? Gpu!.Driver : Gpu!.DriverOf(Text);

    /// <summary>Folder below <c>/sys/devices</c>: the GPU's own root bus, since functions of a higher bus lie there too.</summary>
    public string Bus { get; } = $"pci{(Gpu?.Pci ?? Address).Domain:x4}:{(Gpu?.Pci ?? Address).Bus:x2}";

    /// <summary>Whether vGPUs are created here: a function of NVIDIA's driver, or a GPU without SR-IOV.</summary>
    public bool OffersVgpus => Gpu is not null && Driver == "nvidia" && (Index is not null) == Gpu.Model.TotalFunctions > 0;

    public bool OffersMdev(LabBackend backend) =>
        OffersVgpus && (backend == LabBackend.Mdev || Gpu!.Model.TotalFunctions == 0);

    public bool OffersVendor(LabBackend backend) =>
        OffersVgpus && backend == LabBackend.Vfio && Gpu!.Model.TotalFunctions > 0;
}
