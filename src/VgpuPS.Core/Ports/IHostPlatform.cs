using VgpuPS.Core.Platform;

namespace VgpuPS.Core.Ports;

/// <summary>The host below its GPUs: kernel, boot, packages, driver, services, logs. Read only.</summary>
public interface IHostPlatform
{
    /// <summary>Reads all of it; what cannot be read says so when it is asked for.</summary>
    Task<HostFacts> ReadAsync(CancellationToken cancellationToken);
}
