using VgpuPS.Core.Pci;

namespace VgpuPS.Host.Sysfs;

/// <summary>One switching of a GPU's functions, and the time that is left for it.</summary>
internal sealed class SriovRun(PciAddress gpu, bool enable, TimeSpan deadline, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();

    public PciAddress Gpu { get; } = gpu;

    public bool Enable { get; } = enable;

    public TimeSpan Deadline { get; } = deadline;

    public IReadOnlyList<string> Arguments { get; } = [enable ? "-e" : "-d", gpu.ToString()];

    public string Command => $"{SriovManage.Tool} {string.Join(' ', Arguments)}";

    public TimeSpan Remaining
    {
        get
        {
            var left = Deadline - clock.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
