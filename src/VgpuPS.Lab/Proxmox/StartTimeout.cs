using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Proxmox;

/// <summary>How long Proxmox gives QEMU to start.</summary>
/// <remarks>Source: facts/proxmox.md (d), config_aware_timeout.</remarks>
internal static class StartTimeout
{
    private const int DefaultSeconds = 30;
    private const long SlowMiB = 30 * 1024;

    /// <summary>Seconds for this configuration.</summary>
    public static int Seconds(VmConfig config)
    {
        var seconds = config.MemoryMiB is > SlowMiB and var mib ? (int)(mib / 1024) : DefaultSeconds;
        seconds *= config.HostPci.Count > 0 ? 4 : 1;
        seconds = config.Lock == "suspended" ? Math.Max(seconds, 300) : seconds;
        seconds = config.Main["hugepages"] is null ? seconds : Math.Max(seconds, 150);
        return seconds + (5 * config.Main.Values.Keys.Count(IsNetwork));
    }

    private static bool IsNetwork(string key) =>
        key.StartsWith("net", StringComparison.Ordinal) && key.Length > 3
        && key.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0;
}
