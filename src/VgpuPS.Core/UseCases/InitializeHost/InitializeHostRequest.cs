using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.InitializeHost;

/// <summary>Asks for a host to be made ready for vGPUs.</summary>
public sealed record InitializeHostRequest : ChangeRequest
{
    /// <summary>Path on the host of NVIDIA's host driver package; null to leave the driver as it is.</summary>
    public string? DriverPath { get; init; }

    /// <summary>Whether the host is restarted at the end where something needs it.</summary>
    public bool Restart { get; init; }

    /// <summary>Whether a driver may be installed on a kernel that it is not reported on, or an older kernel taken with root on ZFS.</summary>
    public bool Force { get; init; }
}
