using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Ports;

/// <summary>Switches virtual functions on and off, through NVIDIA's own tool only.</summary>
/// <remarks>Source: facts/host-behaviour.md 1.1 and 2: writing <c>sriov_numvfs</c> by hand is refused by the driver.</remarks>
public interface ISriovControl
{
    /// <summary>
    /// Enables all functions of one GPU and waits until they are there. The tool is never killed half way: when time is
    /// up it keeps the host lock and finishes on its own.
    /// </summary>
    /// <exception cref="HostCommandException">The tool failed, or said that it succeeded and no function is there.</exception>
    /// <exception cref="ResourceBusyException">Somebody holds the GPU, after some retries.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time.</exception>
    Task EnableAsync(PciAddress gpu, TimeSpan deadline, CancellationToken cancellationToken);

    /// <summary>Disables all functions of one GPU; failures as with <see cref="EnableAsync"/>.</summary>
    Task DisableAsync(PciAddress gpu, TimeSpan deadline, CancellationToken cancellationToken);
}
