using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.Reading;

/// <summary>States of GPUs under the host lock: each is read once, and again only after something on it was changed.</summary>
/// <param name="reader">Reads them.</param>
/// <param name="wanted">Types that every state must tell, beside those on the GPU.</param>
internal sealed class GpuStates(GpuReader reader, Func<IEnumerable<VgpuTypeId>> wanted)
{
    private readonly Dictionary<PciAddress, GpuState> _states = [];

    /// <summary>The host's GPUs as PCI shows them.</summary>
    public IReadOnlyList<PhysicalFunction> Gpus => reader.Present;

    /// <summary>State of a GPU; null when the host has none of that address.</summary>
    public GpuState? Find(PciAddress address)
    {
        if (!_states.TryGetValue(address, out var state)
            && Gpus.FirstOrDefault(g => g.Address == address) is { } gpu)
        {
            _states[address] = state = reader.Read(gpu, wanted());
        }

        return state;
    }

    /// <summary>Says that a GPU is not as it was read any more.</summary>
    public void Forget(PciAddress gpu) => _states.Remove(gpu);
}
