namespace VgpuPS.Lab.Platform;

/// <summary>What a boot makes of the disk: which kernel runs, with which words, which modules load.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h) for pins and IOMMU; facts/errors.md A3, A4, A8 and A10 for nouveau, Secure Boot,
/// firmware and a module that was not built. Assumed: that the initramfs of a host with such a
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
            && !platform.CommandLine.Split(' ').Any(w => w.StartsWith("modprobe.blacklist=", StringComparison.Ordinal)
                && w.Split('=', ',').Contains("nouveau"))
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
        setup.DriverIsUnloaded = !isBuilt || isRefused || platform.NouveauIsLoaded
            || (isAtBoot && LabBinding.KeepsDriverOut(state));
        foreach (var gpu in state.Gpus)
        {
            gpu.Driver = OwnDriver(state, gpu);
        }
    }

    /// <summary>The driver that has a GPU once all is loaded; null for none.</summary>
    public static string? OwnDriver(LabState state, LabGpu gpu) => LabBinding.GivesAway(state, gpu) ? "vfio-pci"
        : !state.Setup.DriverIsUnloaded ? "nvidia" : state.Platform.NouveauIsLoaded ? "nouveau" : null;

    private static string Words(LabPlatform platform, string kernel, bool isManaged) =>
        (platform.Loader == LabLoader.SystemdBoot
        ? $@"initrd=\EFI\proxmox\{kernel}\initrd.img-{kernel} {platform.NextCommandLine}"
        : $"BOOT_IMAGE={(isManaged ? "" : "/boot")}/vmlinuz-{kernel} {platform.NextCommandLine}").TrimEnd();

    /// <summary>Why the kernel does not get to its root file system; null where it does.</summary>
    /// <remarks>
    /// Source: a public report on pools of a newer release that an older kernel does not import; initramfs-tools for
    /// the words. Assumed: the series of ZFS goes with the kernel's, and every newer one has features that an older one
    /// refuses.
    /// </remarks>
    private static string? FindPanic(LabPlatform platform, string kernel)
    {
        var words = platform.CommandLine.Split(' ');
        return !words.Any(w => w.StartsWith("root=", StringComparison.Ordinal))
            ? "Gave up waiting for root file system device: no root= on the kernel command line"
            : platform.PoolSeries?.Split('.') is [var major, var minor]
                && words.Any(w => w.StartsWith("root=ZFS=", StringComparison.Ordinal))
                && !LabKernelOrder.IsAtLeast(kernel, int.Parse(major, CultureInfo.InvariantCulture),
                    int.Parse(minor, CultureInfo.InvariantCulture))
                ? "cannot import 'rpool': pool uses features that this ZFS does not support" : null;
    }

    private static bool KernelTurnsIommuOn(LabPlatform platform, string kernel)
    {
        var words = platform.CommandLine.Split(' ');
        var options = words.Select(w => w.Split('=', 2)).Where(p => p.Length == 2)
            .SelectMany(p => p[1].Split(',').Select(v => $"{p[0]}={v}")).ToList();
        return !options.Contains("iommu=off") && (platform.Cpu == LabCpu.Amd
            ? !options.Contains("amd_iommu=off")
            : options.Contains("intel_iommu=on")
                || (LabKernelOrder.IsAtLeast(kernel, 6, 8) && !options.Contains("intel_iommu=off")));
    }
}

/// <summary>Orders releases of kernels by their numbers.</summary>
internal sealed class LabKernelOrder : IComparer<string>
{
    public static LabKernelOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Numbers(x), Numbers(y));
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (left[i] != right[i])
            {
                return left[i].CompareTo(right[i]);
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    /// <summary>Whether a release is of a series at least, such as 6.8.</summary>
    public static bool IsAtLeast(string release, int major, int minor) =>
        Numbers(release) is [var first, var second, ..] && (first > major || (first == major && second >= minor));

    private static List<int> Numbers(string? release) =>
    [
        .. (release ?? "").Split('.', '-').TakeWhile(p => p.All(char.IsAsciiDigit) && p.Length is > 0 and < 9)
            .Select(p => int.Parse(p, CultureInfo.InvariantCulture)),
    ];
}

/// <summary>What keeps NVIDIA's driver from loading at a boot, or gives a GPU to vfio-pci.</summary>
/// <remarks>
/// Source: modprobe.d(5), kernel-parameters.txt, udev(7), kernel's PCI driver_override; cases of real hosts. What
/// initramfs holds is what /etc/modprobe.d held when it was made. Assumed: vfio-pci with ids comes before NVIDIA's
/// driver.
/// </remarks>
internal static class LabBinding
{
    /// <summary>Whether nothing loads the driver by itself at a boot.</summary>
    public static bool KeepsDriverOut(LabState state) => Options(state)
        .Any(words => words is ["blacklist", "nvidia", ..] or ["install", "nvidia", "/bin/false" or "/bin/true", ..])
        || Values(state, "modprobe.blacklist").Concat(Values(state, "module_blacklist")).Contains("nvidia");

    /// <summary>Whether vfio-pci has a GPU after a boot.</summary>
    public static bool GivesAway(LabState state, LabGpu gpu)
    {
        var id = $"10de:{gpu.Model.DeviceId[2..]}";
        return Values(state, "vfio-pci.ids").Concat(Values(state, "vfio_pci.ids")).Concat(Options(state)
                .Where(w => w is ["options", "vfio-pci" or "vfio_pci", ..]).SelectMany(w => w)
                .Where(w => w.StartsWith("ids=", StringComparison.Ordinal))
                .SelectMany(w => w["ids=".Length..].Split(',')))
            .Any(i => i.Equals(id, StringComparison.OrdinalIgnoreCase)
                || i.StartsWith(id + ":", StringComparison.OrdinalIgnoreCase))
            || LabDisk.List(state, "/etc/udev/rules.d").Select(n => LabDisk.Read(state, $"/etc/udev/rules.d/{n}") ?? "")
                .SelectMany(t => t.Split('\n'))
                .Any(l => !l.StartsWith('#') && l.Contains("driver_override", StringComparison.Ordinal)
                    && l.Contains("vfio-pci", StringComparison.Ordinal)
                    && l.Contains(gpu.Address, StringComparison.Ordinal))
            || LabDisk.Read(state, $"/etc/driverctl.d/{gpu.Address}")?.Trim() == "vfio-pci";
    }

    private static IEnumerable<string[]> Options(LabState state) =>
        (LabDisk.Read(state, $"/boot/initrd.img-{state.Setup.Kernel}") ?? "")
        .Split('\n').Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Values(LabState state, string key) => state.Platform.CommandLine.Split(' ')
        .Where(w => w.StartsWith(key + "=", StringComparison.Ordinal))
        .SelectMany(w => w[(key.Length + 1)..].Split(','));
}
