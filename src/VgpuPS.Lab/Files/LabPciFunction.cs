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
    public string Bus
    {
        get
        {
            var root = Gpu?.Pci ?? Address;
            return $"pci{root.Domain:x4}:{root.Bus:x2}";
        }
    }

    /// <summary>Whether vGPUs are created here: a function of NVIDIA's driver, or a GPU without SR-IOV.</summary>
    public bool OffersVgpus => Gpu is not null && Driver == "nvidia" && (Index is not null) == Gpu.Model.TotalFunctions > 0;

    public bool OffersMdev(LabBackend backend) =>
        OffersVgpus && (backend == LabBackend.Mdev || Gpu!.Model.TotalFunctions == 0);

    public bool OffersVendor(LabBackend backend) =>
        OffersVgpus && backend == LabBackend.Vfio && Gpu!.Model.TotalFunctions > 0;

    public static IEnumerable<LabPciFunction> All(LabState state)
    {
        foreach (var other in state.Setup.OtherDevices)
        {
            yield return new LabPciFunction(PciAddress.Parse(other.Address), null, null, other);
        }

        foreach (var gpu in state.Gpus)
        {
            yield return new LabPciFunction(gpu.Pci, gpu, null, null);
            for (var index = 0; index < gpu.FunctionCount; index++)
            {
                yield return new LabPciFunction(gpu.FunctionAt(index), gpu, index, null);
            }
        }
    }

    public static LabPciFunction? Find(LabState state, string text)
    {
        if (!PciAddress.TryParse(text, out var address) || address.ToString() != text)
        {
            return null;
        }

        foreach (var gpu in state.Gpus)
        {
            if (gpu.Pci == address)
            {
                return new LabPciFunction(address, gpu, null, null);
            }

            if (gpu.IndexOf(address) is { } index)
            {
                return new LabPciFunction(address, gpu, index, null);
            }
        }

        return state.Setup.OtherDevices.Find(device => device.Address == text) is { } other
            ? new LabPciFunction(address, null, null, other)
            : null;
    }
}
