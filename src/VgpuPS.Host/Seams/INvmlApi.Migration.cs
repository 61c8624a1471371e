namespace VgpuPS.Host.Seams;

public partial interface INvmlApi
{
    /// <summary>nvmlDeviceGetEccMode: 0 off, 1 on; what is pending takes effect after a reset.</summary>
    NvmlStatus DeviceGetEccMode(NvmlDevice device, out uint current, out uint pending);

    /// <summary>nvmlVgpuInstanceGetMetadata: an nvmlVgpuMetadata_t with its opaque data.</summary>
    NvmlStatus VgpuInstanceGetMetadata(uint vgpuInstance, out byte[] metadata);

    /// <summary>nvmlDeviceGetVgpuMetadata: an nvmlVgpuPgpuMetadata_t with its opaque data.</summary>
    NvmlStatus DeviceGetVgpuMetadata(NvmlDevice device, out byte[] metadata);

    /// <summary>nvmlGetVgpuCompatibility of two such structs, whose sizes the caller has checked.</summary>
    NvmlStatus GetVgpuCompatibility(byte[] vgpu, byte[] pgpu, out uint states, out uint limits);

    /// <summary>nvmlGetVgpuVersion: versions of the guests' interface that the driver knows, and those that it
    /// takes.</summary>
    NvmlStatus GetVgpuVersion(out NvmlVersionRange supported, out NvmlVersionRange current);
}

/// <summary>Versions of the interface between guests and host.</summary>
/// <param name="Min">Lowest.</param>
/// <param name="Max">Highest.</param>
/// <remarks>Source: nvml.h, nvmlVgpuVersion_t.</remarks>
public readonly record struct NvmlVersionRange(uint Min, uint Max);
