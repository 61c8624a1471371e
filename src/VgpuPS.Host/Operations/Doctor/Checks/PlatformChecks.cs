using VgpuPS.Core.Platform;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>Proxmox, kernel command line, IOMMU, PCI.</summary>
/// <remarks>Source: facts/errors.md A2, A7, A8, A9; facts/proxmox.md (d) and (h); facts/host-behaviour.md 8.</remarks>
internal static class PlatformChecks
{
    private const string Area = "Platform";

    public static IEnumerable<HostCheck> All =>
    [
        new("NotAProxmoxHost", Area, "Proxmox VE is installed, and its cluster file system mounted", CheckProxmox),
        new("QemuServerTooOld", Area, "qemu-server supports NVIDIA's vendor VFIO", CheckQemuServer),
        new("IommuOff", Area, "the kernel command line allows the IOMMU", CheckIommuWords),
        new("IommuOffInFirmware", Area, "the firmware offers an IOMMU", CheckIommuFirmware),
        new("RestartPending", Area, "the running kernel has the command line that is configured", CheckRestart),
        new("BootFilesUnusable", Area, "the boot loader's files can be used as they are", CheckBootFiles),
        new("CommandLineInWrongFile", Area, "IOMMU parameters are in the file that the boot loader reads",
            CheckOtherFile),
        new("MmioTooSmall", Area, "the firmware assigned the GPUs address space for virtual functions", CheckMmio),
        new("NoGpu", Area, "PCI shows NVIDIA GPUs", p => p.Gpus.Count > 0
            ? Pass(string.Join(", ", p.Gpus.Select(g => g.Address)))
            : Fail(
                "no display device of vendor 10de", "no NVIDIA GPU is in the host, or the firmware has disabled it",
                "look for it: lspci -d 10de:")),
        new("GpuOnVfioPci", Area, "no GPU is bound to vfio-pci as a whole", CheckPassthrough),
        new("GpuWithoutDriver", Area, "every GPU is bound to the driver", CheckUnbound),
        new("VfioIdsOption", Area, "nothing binds NVIDIA GPUs to another driver at boot", CheckVfioIds),
    ];

    private static CheckOutcome CheckProxmox(DoctorSnapshot p)
    {
        try
        {
            p.Host.ConfigWriter.RequireProxmox();
            return Pass($"node {p.Host.Proxmox.Node}, qemu-server {p.Host.Proxmox.QemuServerVersion ?? "unknown"}");
        }
        catch (HostNotReadyException e)
        {
            return Fail(e.Message, "this is not a Proxmox VE host, or its cluster service does not run",
                e.RecommendedAction);
        }
    }

    private static CheckOutcome CheckQemuServer(DoctorSnapshot p)
    {
        if (!p.Gpus.Any(g => p.Host.Devices.GetFunctions(g).Any(f => f.Backend == VgpuBackend.VendorVfio)))
        {
            return Skip("no function offers vGPUs through vendor VFIO now");
        }

        return PveGeneration.FromVersion(p.Host.Proxmox.QemuServerVersion) switch
        {
            null => Skip("the version of qemu-server is unknown"),
            { KnowsVendorVfio: true } known => Pass($"qemu-server {known.QemuServer}"),
            var old => Fail(
                $"qemu-server {old.QemuServer}", "it treats vendor VFIO functions as plain PCI devices; "
                    + "8.2.5 is the first version that supports them",
                "update it: apt-get update; apt-get dist-upgrade"),
        };
    }

    // What Proxmox itself looks at, and so the hook.
    private const string IommuSeen = "/sys/class/iommu has an IOMMU";

    private static CheckOutcome CheckIommuWords(DoctorSnapshot p)
    {
        if (p.Host.Devices.IommuIsActive)
        {
            return Pass(IommuSeen);
        }

        return KernelCommandLine.IommuProblem(
            KernelCommandLine.Words(p.Facts.CommandLine.Value), p.Facts.Cpu.Value, p.Kernel) is { } problem
            ? Fail(
                $"/sys/class/iommu is empty; /proc/cmdline: {problem}",
                "the kernel parameters disable the IOMMU, or do not enable it",
                FixIommu(p)) with
            {
                HostFix = FixIommu(p).Contains(Prepare, StringComparison.Ordinal)
                    ? $"{AddWords(p, problem)}; systemctl reboot" : null
            }
            : Skip("the command line is right; see IommuOffInFirmware");
    }

    private static CheckOutcome CheckIommuFirmware(DoctorSnapshot p) =>
        p.Host.Devices.IommuIsActive ? Pass(IommuSeen)
        : KernelCommandLine.IommuProblem(
            KernelCommandLine.Words(p.Facts.CommandLine.Value), p.Facts.Cpu.Value, p.Kernel) is not null
            ? Skip("the command line is wrong; see IommuOff")
            : Fail(
                "/sys/class/iommu is empty, and the kernel command line is right",
                $"{(p.Facts.Cpu.Value == CpuMaker.Amd ? "AMD-Vi" : "VT-d")} is off in the firmware",
                "enable it there, with SR-IOV and Above-4G decoding: systemctl reboot --firmware-setup");

    private const string SeeBoot =
        "the host was restarted since and it did not help: see what the firmware and the loader boot: efibootmgr -v; "
            + "proxmox-boot-tool status; cat /proc/cmdline";

    /// <summary>What helps, but nothing that was tried: with right words in the files a restart is all that could help,
    /// once.</summary>
    private static string FixIommu(DoctorSnapshot p)
    {
        var boot = p.Facts.Boot.Value;
        return !CanReadParameters(boot) || KernelCommandLine.IommuProblem(
            boot.ConfiguredWords, p.Facts.Cpu.Value, boot.NextKernel ?? p.Kernel) is not null
            ? $"prepare the host, then restart it: {Prepare}; systemctl reboot"
            : boot.RestartWasTried ? SeeBoot
            : $"the right parameters are configured; refresh the boot loader and restart: {boot.RefreshCommand}; "
                + "systemctl reboot";
    }

    private const string Prepare = "Initialize-VgpuHost";

    /// <summary>Adds the IOMMU's words by hand, in the file that this host's boot loader reads.</summary>
    private static string AddWords(DoctorSnapshot p, string problem)
    {
        var boot = p.Facts.Boot.Value;
        var words = p.Facts.Cpu.Value == CpuMaker.Intel
            ? $"{KernelCommandLine.IntelOn} {KernelCommandLine.PassThrough}" : KernelCommandLine.PassThrough;
        var remove = problem.EndsWith("is there", StringComparison.Ordinal)
            ? $"remove {problem.Split(' ')[0]} from {PlaceOf(boot, problem.Split(' ')[0])}, and " : "";
        return boot.Loader == BootLoader.SystemdBoot
            ? $"{remove}add {words} to the first line of {BootFacts.KernelPath}: nano {BootFacts.KernelPath}; "
                + boot.RefreshCommand
            : $"{remove}add {words}: echo 'GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT {words}\"' > "
                + $"/etc/default/grub.d/iommu.cfg; {boot.RefreshCommand}";
    }

    private static bool CanReadParameters(BootFacts boot) =>
        boot.Loader == BootLoader.SystemdBoot || boot.Grub is { IsRead: true, Value.Fault: null };

    private static CheckOutcome CheckBootFiles(DoctorSnapshot p)
    {
        var boot = p.Facts.Boot.Value;
        return boot.Loader switch
        {
            BootLoader.Unknown => Skip("neither GRUB nor systemd-boot can be identified from /proc/cmdline"),
            BootLoader.Grub => boot.Grub.Value.Fault is { } fault
                ? Warn(fault.Text, "grub-mkconfig sources that file in a shell: "
                    + "a new kernel or a changed parameter does not take effect",
                    $"correct it, and run {boot.RefreshCommand}")
                : Pass($"GRUB gets: {string.Join(' ', boot.ConfiguredWords)}"),
            _ => boot.KernelText is null
                || boot.ConfiguredWords.Any(w => w.StartsWith("root=", StringComparison.Ordinal))
                ? Pass(boot.KernelText is null ? $"there is no {BootFacts.KernelPath}; the running kernel's parameters "
                    + "are used" : $"{BootFacts.KernelPath} has root= on its first line")
                : Warn($"{BootFacts.KernelPath}: root= is missing on the first line",
                    "only the first line is read, and no kernel finds its root file system without root=",
                    $"put all parameters on the first line, and run {boot.RefreshCommand}"),
        };
    }

    private static CheckOutcome CheckRestart(DoctorSnapshot p)
    {
        var boot = p.Facts.Boot.Value;
        if (!CanReadParameters(boot))
        {
            return Skip("see BootFilesUnusable");
        }

        var running = KernelCommandLine.Words(p.Facts.CommandLine.Value);
        var missing = KernelCommandLine.IommuWords(boot.ConfiguredWords).Where(w => !running.Contains(w)).ToList();
        var left = KernelCommandLine.IommuWords(running).Where(w => !boot.ConfiguredWords.Contains(w)).ToList();
        var entry = boot.Entries?.Find(boot.NextKernel)?.Words;
        var isBrought = entry is not null && missing.TrueForAll(entry.Contains) && !left.Exists(entry.Contains);
        var (cause, fix) = entry is not null && !isBrought
            ? ("the files were changed and the boot loader was not refreshed",
                $"refresh the boot loader and restart: {boot.RefreshCommand}; systemctl reboot")
            : boot.RestartWasTried ? ("the host was restarted since, and booted another entry or another disk", SeeBoot)
            : isBrought ? ("the files were changed since the boot", "restart: systemctl reboot")
            : ("the files were changed since the boot",
                $"refresh the boot loader and restart: {boot.RefreshCommand}; systemctl reboot");
        return WarnOf(
            [.. missing.Select(w => $"{w} is in {PlaceOf(boot, w)} and not on /proc/cmdline"),
                .. left.Select(w => $"{w} is on /proc/cmdline and in no file that the boot loader reads")],
            p.Facts.CommandLine.Value, cause, fix);
    }

    private static string PlaceOf(BootFacts boot, string word) => boot.Loader == BootLoader.SystemdBoot
        ? BootFacts.KernelPath : boot.Grub.Value.Sources.FirstOrDefault(s => s.Words.Contains(word))?.Path
            ?? BootFacts.GrubPath;

    private static CheckOutcome CheckOtherFile(DoctorSnapshot p)
    {
        var boot = p.Facts.Boot.Value;
        if (boot.Loader == BootLoader.Unknown)
        {
            return Skip("neither GRUB nor systemd-boot can be identified from /proc/cmdline");
        }

        var (other, right) = boot.Loader == BootLoader.Grub
            ? (BootFacts.KernelPath, BootFacts.GrubPath) : (BootFacts.GrubPath, BootFacts.KernelPath);
        return WarnOf(
            [.. KernelCommandLine.IommuWords(boot.OtherWords).Except(CanReadParameters(boot)
                ? boot.ConfiguredWords : [], StringComparer.Ordinal).Select(w => $"{w} is in {other}")],
            $"{boot.Loader} reads {right}",
            $"this host boots with {boot.Loader}, which reads {right} and never {other}",
            "write them to the right file: Initialize-VgpuHost") with
        {
            HostFix = AddWords(p, "")
        };
    }

    /// <summary>What the driver once lacked it has where every GPU that the line can mean has its functions.</summary>
    private static CheckOutcome CheckMmio(DoctorSnapshot p) =>
        p.FindInLog("not enough MMIO resources for SR-IOV", "Failed to enable PCI sriov: -12") is not { } line
            ? Pass("no entry about it in the kernel log")
        : (p.Gpus.Where(g => line.Has([$"{g.Address}"])).ToList() is { Count: > 0 } named ? named : p.Gpus)
            .All(g => g.EnabledFunctions > 0)
            ? Pass($"over, since functions are enabled: {line.Quote}")
            : Fail(
                line.Quote, "the firmware assigned the GPU too little address space, or too few bus numbers, "
                    + "for virtual functions",
                "enable Above-4G decoding and SR-IOV in the firmware and raise its MMIO size (systemctl reboot "
                    + "--firmware-setup), or add pci=realloc to the kernel command line");

    private static CheckOutcome CheckPassthrough(DoctorSnapshot p)
    {
        var found = p.Gpus.Where(g => g.Driver == "vfio-pci").ToList();
        return FailOf(
            [.. found.Select(g => $"GPU {g.Address} is bound to vfio-pci")], "none is",
            "it is passed through as a whole: a VM has it, or a driver_override, or vfio-pci bound it at boot",
            $"stop the VM that has it and rebind it: {Rebind(p, found)}");
    }

    private static string Rebind(DoctorSnapshot p, IReadOnlyList<PhysicalFunction> gpus) =>
        string.Join("; ", gpus.Select(g => p.Driver.IsLoaded ? g.RebindCommand : g.FreeCommand))
            + (p.Driver.IsLoaded ? "" : "; modprobe nvidia")
            + (p.Obstacles.Any(o => !o.IsBlock) ? "; and remove what VfioIdsOption names, else it is back at each boot"
                : "");

    private static CheckOutcome CheckUnbound(DoctorSnapshot p)
    {
        if (!p.Driver.IsLoaded)
        {
            return Skip("the driver is not loaded");
        }

        var found = p.Gpus.Where(g => g.Driver is not "nvidia" and not "vfio-pci").ToList();
        return FailOf(
            [.. found.Select(g => $"GPU {g.Address} has {(g.Driver is null ? "no driver" : $"driver {g.Driver}")}"
                + p.QuoteDriver($"{g.Address}"))],
            "all are", found.Exists(g => g.Driver is not null)
                ? "another driver bound the GPU" : "the driver released the GPU, or refused it",
            (found.Exists(g => g.Driver is null)
                ? "see what the driver reports: journalctl -k -b -g NVRM; then bind it: " : "free it and bind it: ")
                + Rebind(p, found));
    }

    private static CheckOutcome CheckVfioIds(DoctorSnapshot p)
    {
        var found = p.Obstacles.Where(o => !o.IsBlock).ToList();
        return WarnOf(
            [.. found.Select(o => o.Description)],
            "nothing on the kernel command line, in module options, udev rules, overrides or units",
            "from an earlier GPU passthrough; the driver does not bind it at the next boot", FixObstacles(found)) with
        {
            HostFix = FixObstaclesByHand(p)
        };
    }

    /// <summary>The same on the host itself.</summary>
    public static string FixObstaclesByHand(DoctorSnapshot p) =>
        "remove these lines, or comment them out, then: update-initramfs -u -k all; "
            + $"{p.Facts.Boot.Value.RefreshCommand}; systemctl reboot";

    /// <summary>The command that installs another driver.</summary>
    public const string InstallDriver = "Initialize-VgpuHost -DriverPath <file.run>";

    /// <summary>What takes obstacles away: our command where it can, the admin where not.</summary>
    public static string FixObstacles(IReadOnlyCollection<DriverObstacle> found) => found.All(o => o.IsOurs)
        ? "remove that and restart: Initialize-VgpuHost; systemctl reboot"
        : "remove these lines by hand (those of the kernel command line and of /etc/modprobe.d: Initialize-VgpuHost), "
            + "then: update-initramfs -u -k all; systemctl reboot";
}
