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
        platform.CommandLine = Words(platform, setup.Kernel);
        setup.IommuIsOff = platform.FirmwareIommuIsOff || !KernelTurnsIommuOn(platform, setup.Kernel);
        platform.NouveauIsLoaded = !LabDisk.BlacklistsNouveau(LabDisk.Read(state, $"/boot/initrd.img-{setup.Kernel}"))
            && state.Gpus.Count > 0;
        platform.Journals.Clear();
        LoadDriver(state);
    }

    /// <summary>Loads the driver where it is there, fits, is allowed, and nouveau has not got the GPUs.</summary>
    public static void LoadDriver(LabState state)
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
        setup.DriverIsUnloaded = !isBuilt || isRefused || platform.NouveauIsLoaded;
        foreach (var gpu in state.Gpus)
        {
            gpu.Driver = OwnDriver(state);
        }
    }

    /// <summary>The driver that has the GPUs once all is loaded; null for none.</summary>
    public static string? OwnDriver(LabState state) =>
        !state.Setup.DriverIsUnloaded ? "nvidia" : state.Platform.NouveauIsLoaded ? "nouveau" : null;

    private static string Words(LabPlatform platform, string kernel) => platform.Loader == LabLoader.SystemdBoot
        ? $@"initrd=\EFI\proxmox\{kernel}\initrd.img-{kernel} {platform.NextCommandLine}"
        : $"BOOT_IMAGE=/boot/vmlinuz-{kernel} root=/dev/mapper/pve-root ro {platform.NextCommandLine}".TrimEnd();

    private static bool KernelTurnsIommuOn(LabPlatform platform, string kernel)
    {
        var words = platform.CommandLine.Split(' ');
        return !words.Contains("iommu=off") && (platform.Cpu == LabCpu.Amd
            ? !words.Contains("amd_iommu=off")
            : words.Contains("intel_iommu=on")
                || (LabKernelOrder.IsAtLeast(kernel, 6, 8) && !words.Contains("intel_iommu=off")));
    }
}
