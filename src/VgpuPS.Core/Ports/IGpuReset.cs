using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Ports;

/// <summary>Resets GPUs, through NVIDIA's own tool: the driver's library offers no such call.</summary>
/// <remarks>Source: facts/host-behaviour.md 4.</remarks>
public interface IGpuReset
{
    /// <summary>Resets one GPU and waits until the tool has ended; no session of the driver may be open.</summary>
    /// <exception cref="HostCommandException">The tool failed.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time.</exception>
    Task ResetAsync(PciAddress gpu, TimeSpan deadline, CancellationToken cancellationToken);
}
