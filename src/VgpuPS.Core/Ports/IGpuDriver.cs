namespace VgpuPS.Core.Ports;

/// <summary>The GPU driver's management library.</summary>
public interface IGpuDriver
{
    /// <summary>
    /// Opens it. An open session is a client of every GPU: dispose it before functions are enabled or disabled.
    /// </summary>
    /// <exception cref="Errors.HostNotReadyException">No library, no driver, or they do not match.</exception>
    /// <exception cref="Errors.AccessDeniedException">Not root.</exception>
    IGpuDriverSession Open();
}
