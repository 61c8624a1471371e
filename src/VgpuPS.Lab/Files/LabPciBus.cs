namespace VgpuPS.Lab.Files;

/// <summary>
/// The PCI functions of a state by address; recreated when functions were enabled or disabled or a device was added.
/// </summary>
internal sealed class LabPciBus
{
    private readonly LabGpu[] _gpus;
    private readonly int[] _functionCounts;
    private readonly int _otherCount;
    private readonly Dictionary<string, LabPciFunction> _byText = new(StringComparer.Ordinal);

    public LabPciBus(LabState state)
    {
        _gpus = [.. state.Gpus];
        _functionCounts = [.. state.Gpus.Select(gpu => gpu.FunctionCount)];
        _otherCount = state.Setup.OtherDevices.Count;
        All = [.. MakeAll(state)];
        foreach (var function in All)
        {
            _byText[function.Text] = function;
        }
    }

    public IReadOnlyList<LabPciFunction> All { get; }

    public LabPciFunction? Find(string text) => _byText.GetValueOrDefault(text);

    public bool Fits(LabState state)
    {
        if (state.Gpus.Count != _gpus.Length || state.Setup.OtherDevices.Count != _otherCount)
        {
            return false;
        }

        for (var index = 0; index < _gpus.Length; index++)
        {
            if (state.Gpus[index] != _gpus[index] || _gpus[index].FunctionCount != _functionCounts[index])
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<LabPciFunction> MakeAll(LabState state)
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
}

/// <summary>A PCI function of the machine.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Gpu">The GPU that it is or belongs to; null for another device.</param>
/// <param name="Index">Index of a virtual function; null for a GPU or another device.</param>
/// <param name="Other">Another device; null for a GPU or its function.</param>
internal sealed record LabPciFunction(PciAddress Address, LabGpu? Gpu, int? Index, LabPciDevice? Other)
{
    public string Text { get; } = Address.ToString();

    public string? Driver => Other is not null ? Other.Driver : Index is null ? Gpu!.Driver : Gpu!.DriverOf(Text);

    /// <summary>Folder below <c>/sys/devices</c>: the GPU's own root bus, since functions of a higher bus lie there
    /// too.</summary>
    public string Bus { get; } = $"pci{(Gpu?.Pci ?? Address).Domain:x4}:{(Gpu?.Pci ?? Address).Bus:x2}";

    /// <summary>Whether vGPUs are created here: a function of NVIDIA's driver, or a GPU without SR-IOV.</summary>
    public bool OffersVgpus => Gpu is not null && Driver == "nvidia" && (Index is null || Gpu.FunctionsHaveTypes)
        && (Index is not null) == Gpu.Model.TotalFunctions > 0;

    public bool OffersMdev(LabBackend backend) =>
        OffersVgpus && (backend == LabBackend.Mdev || Gpu!.Model.TotalFunctions == 0);

    public bool OffersVendor(LabBackend backend) =>
        OffersVgpus && backend == LabBackend.Vfio && Gpu!.Model.TotalFunctions > 0;
}
