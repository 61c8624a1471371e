using VgpuPS.Core.Pci;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Lab.Files;

/// <summary>The PCI functions of a state by address; made anew when functions were switched or a device was added.</summary>
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
