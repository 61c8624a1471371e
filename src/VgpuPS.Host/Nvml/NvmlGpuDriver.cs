using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

/// <summary>The GPU driver behind NVML.</summary>
/// <param name="api">The library.</param>
public sealed class NvmlGpuDriver(INvmlApi api) : IGpuDriver
{
    /// <summary>Initialises the library and nothing more: a GPU is attached when it is first asked for.</summary>
    public IGpuDriverSession Open()
    {
        NvmlStatusMapping.ThrowIfFailed(api.Init(), "nvmlInit_v2", null);
        return new NvmlGpuDriverSession(api);
    }
}
