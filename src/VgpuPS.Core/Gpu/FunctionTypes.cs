namespace VgpuPS.Core.Gpu;

/// <summary>What is said of virtual functions that offer no vGPU types.</summary>
/// <remarks>Source: facts/errors.md B3.</remarks>
public static class FunctionTypes
{
    /// <summary>What brings it about.</summary>
    public const string Cause =
        "nvidia-vgpud or nvidia-vgpu-mgr did not run when the functions were enabled, or the installed driver is a "
            + "guest's";

    /// <summary>How many, and which: <c>16 functions without vGPU types: 0000:4b:00.4 …</c>.</summary>
    /// <param name="addresses">Their addresses.</param>
    public static string Describe(IEnumerable<string> addresses)
    {
        const int Max = 4;
        var all = addresses.ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{all.Count} {(all.Count == 1 ? "function" : "functions")} without vGPU types: ")
            + string.Join(' ', all.Take(Max)) + (all.Count > Max ? " ..." : "");
    }

    /// <summary>What to do about a GPU's.</summary>
    /// <param name="gpu">The GPU.</param>
    public static string Action(PciAddress gpu) =>
        "see the daemons and the package: systemctl status nvidia-vgpud nvidia-vgpu-mgr; "
            + "journalctl -b -u nvidia-vgpud; nvidia-smi vgpu -s; then recreate the functions while no VM uses the "
            + $"GPU: /usr/lib/nvidia/sriov-manage -d {gpu}; /usr/lib/nvidia/sriov-manage -e {gpu}; vgpu-hook boot";
}
