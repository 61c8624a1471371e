using VgpuPS.Lab.Machine;

namespace VgpuPS.Lab.Platform;

/// <summary>What keeps NVIDIA's driver from loading at a boot, or gives a GPU to vfio-pci.</summary>
/// <remarks>
/// Source: modprobe.d(5), kernel-parameters.txt, udev(7), kernel's PCI driver_override; cases of real hosts. What initramfs holds is what
/// /etc/modprobe.d held when it was made. Assumed: vfio-pci with ids comes before NVIDIA's driver.
/// </remarks>
internal static class LabBinding
{
    /// <summary>Whether nothing loads the driver by itself at a boot.</summary>
    public static bool KeepsDriverOut(LabState state) => Options(state).Any(words => words is ["blacklist", "nvidia", ..] or ["install", "nvidia", "/bin/false" or "/bin/true", ..])
        || Values(state, "modprobe.blacklist").Concat(Values(state, "module_blacklist")).Contains("nvidia");

    /// <summary>Whether vfio-pci has a GPU after a boot.</summary>
    public static bool GivesAway(LabState state, LabGpu gpu)
    {
        var id = $"10de:{gpu.Model.DeviceId[2..]}";
        return Values(state, "vfio-pci.ids").Concat(Values(state, "vfio_pci.ids")).Concat(Options(state)
                .Where(w => w is ["options", "vfio-pci" or "vfio_pci", ..]).SelectMany(w => w).Where(w => w.StartsWith("ids=", StringComparison.Ordinal))
                .SelectMany(w => w["ids=".Length..].Split(',')))
            .Any(i => i.Equals(id, StringComparison.OrdinalIgnoreCase) || i.StartsWith(id + ":", StringComparison.OrdinalIgnoreCase))
            || LabDisk.List(state, "/etc/udev/rules.d").Select(n => LabDisk.Read(state, $"/etc/udev/rules.d/{n}") ?? "").SelectMany(t => t.Split('\n'))
                .Any(l => !l.StartsWith('#') && l.Contains("driver_override", StringComparison.Ordinal) && l.Contains("vfio-pci", StringComparison.Ordinal)
                    && l.Contains(gpu.Address, StringComparison.Ordinal))
            || LabDisk.Read(state, $"/etc/driverctl.d/{gpu.Address}")?.Trim() == "vfio-pci";
    }

    private static IEnumerable<string[]> Options(LabState state) => (LabDisk.Read(state, $"/boot/initrd.img-{state.Setup.Kernel}") ?? "")
        .Split('\n').Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Values(LabState state, string key) => state.Platform.CommandLine.Split(' ')
        .Where(w => w.StartsWith(key + "=", StringComparison.Ordinal)).SelectMany(w => w[(key.Length + 1)..].Split(','));
}
