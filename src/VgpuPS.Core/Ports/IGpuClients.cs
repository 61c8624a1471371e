using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Ports;

/// <summary>Programs on the host that have a GPU open, and so keep it from a reset or a change of its driver.</summary>
public interface IGpuClients
{
    /// <summary>Finds them, ascending process id; what cannot be read is left out, and so is this program itself.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="processes">Processes that the driver names; listed even where no open file shows them.</param>
    IReadOnlyList<GpuClient> Find(PciAddress gpu, IReadOnlyList<int> processes);
}
