using System.Globalization;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Lab.Platform;

/// <summary>What a boot makes of the disk: which kernel runs, with which words, which modules load.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h) for pins and IOMMU; facts/errors.md A3, A4, A8 and A10 for nouveau, Secure Boot, firmware and
/// a module that was not built. Assumed: that the initramfs of a host with such a
/// GPU has nouveau in it; texts of the kernel log about unsigned modules.
/// </remarks>
internal static class LabKernelStart
{
    /// <summary>Boots the machine; the first time too.</summary>
    public static void Run(LabState state)
    {
        var (setup, platform) = (state.Setup, state.Platform);
        var kernels = LabDisk.Kernels(state);
        if (kernels.Count == 0)
        {
            return;
        }

        setup.Kernel = platform.NextKernel is { } pinned && kernels.Contains(pinned) ? pinned : kernels[^1];
        platform.CommandLine = Words(platform, setup.Kernel, LabBootTool.Partitions(state).Count > 0);
        platform.BootFailure = FindPanic(platform, setup.Kernel);
        setup.IommuIsOff = platform.FirmwareIommuIsOff || !KernelTurnsIommuOn(platform, setup.Kernel);
        platform.NouveauIsLoaded = !LabDisk.BlacklistsNouveau(LabDisk.Read(state, $"/boot/initrd.img-{setup.Kernel}"))
            && !platform.CommandLine.Split(' ').Any(w => w.StartsWith("modprobe.blacklist=", StringComparison.Ordinal) && w.Split('=', ',').Contains("nouveau"))
            && state.Gpus.Count > 0;
        platform.Journals.Clear();
        LoadDriver(state, isAtBoot: true);
    }

    /// <summary>Loads the driver where it is there, fits, is allowed, and nouveau has not got the GPUs.</summary>
    public static void LoadDriver(LabState state, bool isAtBoot = false)
    {
        var (setup, platform) = (state.Setup, state.Platform);
        var isBuilt = LabDisk.Read(state, LabDisk.Module(setup.Kernel)) is not null;
        var isRefused = isBuilt && platform.IsSecureBoot && !platform.KeyIsEnrolled;
        if (isRefused)
        {
            state.KernelLog.Add("Loading of module with unavailable key is rejected");
        }

        setup.LibraryIsMissing = platform.Driver == LabDriverFlavour.None;
        setup.DriverHasNoVgpu = platform.Driver == LabDriverFlavour.Grid;
        setup.DriverIsUnloaded = !isBuilt || isRefused || platform.NouveauIsLoaded || (isAtBoot && LabBinding.KeepsDriverOut(state));
        foreach (var gpu in state.Gpus)
        {
            gpu.Driver = OwnDriver(state, gpu);
        }
    }

    /// <summary>The driver that has a GPU once all is loaded; null for none.</summary>
    public static string? OwnDriver(LabState state, LabGpu gpu) => LabBinding.GivesAway(state, gpu) ? "vfio-pci"
        : !state.Setup.DriverIsUnloaded ? "nvidia" : state.Platform.NouveauIsLoaded ? "nouveau" : null;

    private static string Words(LabPlatform platform, string kernel, bool isManaged) => (platform.Loader == LabLoader.SystemdBoot
        ? $@"initrd=\EFI\proxmox\{kernel}\initrd.img-{kernel} {platform.NextCommandLine}"
        : $"BOOT_IMAGE={(isManaged ? "" : "/boot")}/vmlinuz-{kernel} {platform.NextCommandLine}").TrimEnd();

    /// <summary>Why the kernel does not get to its root file system; null where it does.</summary>
    /// <remarks>
    /// Source: a public report on pools of a newer release that an older kernel does not import; initramfs-tools for the words. Assumed: the
    /// series of ZFS goes with the kernel's, and every newer one has features that an older one refuses.
    /// </remarks>
    private static string? FindPanic(LabPlatform platform, string kernel)
    {
        var words = platform.CommandLine.Split(' ');
        return !words.Any(w => w.StartsWith("root=", StringComparison.Ordinal))
            ? "Gave up waiting for root file system device: no root= on the kernel command line"
            : platform.PoolSeries?.Split('.') is [var major, var minor] && words.Any(w => w.StartsWith("root=ZFS=", StringComparison.Ordinal))
                && !LabKernelOrder.IsAtLeast(kernel, int.Parse(major, CultureInfo.InvariantCulture), int.Parse(minor, CultureInfo.InvariantCulture))
                ? "cannot import 'rpool': pool uses features that this ZFS does not support" : null;
    }

    private static bool KernelTurnsIommuOn(LabPlatform platform, string kernel)
    {
        var words = platform.CommandLine.Split(' ');
        var options = words.Select(w => w.Split('=', 2)).Where(p => p.Length == 2).SelectMany(p => p[1].Split(',').Select(v => $"{p[0]}={v}")).ToList();
        return !options.Contains("iommu=off") && (platform.Cpu == LabCpu.Amd
            ? !options.Contains("amd_iommu=off")
            : options.Contains("intel_iommu=on")
                || (LabKernelOrder.IsAtLeast(kernel, 6, 8) && !options.Contains("intel_iommu=off")));
    }
}
