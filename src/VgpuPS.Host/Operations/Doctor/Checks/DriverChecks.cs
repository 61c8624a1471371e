using VgpuPS.Core.Platform;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>nouveau, Secure Boot, kernel and headers, the driver and its daemons.</summary>
/// <remarks>Source: facts/errors.md A1, A3-A6, A10, B3; facts/host-behaviour.md 7 and 8.</remarks>
internal static class DriverChecks
{
    private const string Area = "Driver";

    public static IEnumerable<HostCheck> All =>
    [
        new("NouveauLoaded", Area, "nouveau is not loaded", p => p.Facts.Modules.Value.Contains("nouveau")
            ? Fail(
                "nouveau is in /proc/modules", "the kernel's own driver uses the GPUs; "
                    + "NVIDIA's does not install or load beside it",
                "blacklist it and restart: Initialize-VgpuHost; systemctl reboot") with
            {
                HostFix = $"blacklist it and restart: {Blacklist}; systemctl reboot"
            }
            : Pass("not in /proc/modules")),
        new("NouveauNotBlacklisted", Area, "nouveau is not loaded at the next boot", CheckBlacklist),
        new("SecureBootRefusesModule", Area, "Secure Boot allows the driver's module to load", CheckSecureBoot),
        new("KernelUnsupported", Area, "the driver is reported to work on the running kernel", CheckKernel),
        new("NextKernelUnsupported", Area, "the next boot uses a kernel that the driver works on", CheckNextKernel),
        new("HeadersMissing", Area, "headers of the running kernel are installed", CheckHeaders),
        new("DkmsMissing", Area, "DKMS is installed, which builds the module for new kernels", CheckDkms),
        new("ModuleNotBuilt", Area, "the driver's module is built for the running kernel", CheckBuilt),
        new("NextKernelNotBuilt", Area, "the driver's module is built for the kernel of the next boot", CheckNextBuilt),
        new("DriverMissing", Area, "NVIDIA's driver is installed", CheckInstalled),
        new("DriverNotLoaded", Area, "the driver's module is loaded", CheckLoaded),
        new("DriverBlacklisted", Area, "nothing prevents the driver's module from loading at the next boot",
            CheckBlocked),
        new("DriverWrongFlavour", Area, "the driver is the vGPU host driver", CheckFlavour),
        new("DriverLibraryMismatch", Area, "the driver's library and module are of one version",
            p => CheckAnswer(p, isMismatch: true)),
        new("DriverNotAnswering", Area, "the driver answers through its library",
            p => CheckAnswer(p, isMismatch: false)),
        new("GpuNotAnswering", Area, "every GPU that is bound to the driver answers", CheckGpus),
        new("BoardDropped", Area, "the driver's branch has vGPUs for the boards", KnownFailures.CheckBranch),
        new("BoardNotVgpuCapable", Area, "the vGPU manager accepts the boards", KnownFailures.CheckBoards),
        new("VgpuManagerTimeout", Area, "the vGPU manager answers the driver in time", CheckTimeout),
    ];

    private const string Blacklist = "echo 'blacklist nouveau' > /etc/modprobe.d/blacklist-nouveau.conf; "
        + "update-initramfs -u -k all";

    private static string? Version(DoctorSnapshot p) => p.Driver.Version;

    private static CheckOutcome CheckBlacklist(DoctorSnapshot p) =>
        p.Facts.Modules.Value.Contains("nouveau") ? Skip("it is loaded now; see NouveauLoaded")
        : p.Facts.NouveauBlacklist is { } place ? Pass(place)
        : Warn(
            "neither module options nor kernel parameters blacklist nouveau",
            "it may bind the GPUs at a boot where NVIDIA's driver is late or missing",
            "blacklist it: Initialize-VgpuHost") with
        {
            HostFix = $"blacklist it: {Blacklist}"
        };

    private static CheckOutcome CheckSecureBoot(DoctorSnapshot p) =>
        !p.Facts.Boot.Value.IsSecureBoot ? Pass("Secure Boot is off")
        : !p.IsRefusedBySecureBoot ? Pass("Secure Boot is on, and the kernel log has no entry about a refused module")
        : Fail(
            p.FindInLog("unavailable key is rejected", "bad shim signature", "required key not available")!.Quote,
            "Secure Boot is on and the module is not signed with an enrolled key",
            "enrol the key that DKMS signs with, and restart: mokutil --import /var/lib/dkms/mok.pub; "
                + "systemctl reboot");

    private static CheckOutcome CheckKernel(DoctorSnapshot p)
    {
        var (driver, kernel) = (Version(p), p.Kernel);
        if (driver is null || DriverKernels.Find(driver) is not { } branch)
        {
            return Skip(driver is null ? "no driver is installed" : $"no kernels are reported for driver {driver}");
        }

        if (!DriverKernels.IsTooNew(driver, kernel))
        {
            return Pass($"kernel {kernel}; {branch.Text}");
        }

        var fix = FixKernel(p, driver, kernel);
        return p.Driver.IsLoaded
            ? Warn($"kernel {kernel}; {branch.Text}", "the driver runs, on a kernel newer than all reported ones", fix)
            : Fail($"kernel {kernel}; {branch.Text}", "the driver's module does not build for a kernel this new", fix);
    }

    /// <summary>A driver for the kernel where one has the boards, a kernel for the driver where root would survive
    /// it.</summary>
    private static string FixKernel(DoctorSnapshot p, string driver, string kernel)
    {
        var advice = DriverKernels.Advise(driver, kernel, p.Gpus.Select(g => g.DeviceId));
        var install = advice is null ? null : $"install {advice}: {PlatformChecks.InstallDriver}";
        const string Pin = "boot a kernel of that range and pin it (proxmox-boot-tool kernel pin <kernel>)";
        return KernelCommandLine.HasZfsRoot(KernelCommandLine.Words(p.Facts.CommandLine.Value))
            ? install is null
                ? "no driver is reported that has the boards on this kernel, and root is on ZFS, whose pool an older "
                    + $"kernel may not know: compare before you {Pin}: zpool get all rpool"
                : $"{install}; root is on ZFS, and an older kernel may not know the pool's features"
            : install is null ? $"no driver is reported that has the boards on this kernel: {Pin}"
            : $"{Pin}, or {install}";
    }

    private static CheckOutcome CheckNextKernel(DoctorSnapshot p)
    {
        var next = p.Facts.Boot.Value.NextKernel;
        return next is null || next == p.Kernel ? Pass($"the next boot uses kernel {next ?? p.Kernel}")
            : !DriverKernels.IsTooNew(Version(p), next) ? Pass($"the next boot uses kernel {next}")
            : Warn(
                $"the next boot uses kernel {next}; {DriverKernels.Find(Version(p))!.Text}",
                "a newer kernel was installed, and none is pinned",
                $"pin the running one: proxmox-boot-tool kernel pin {p.Kernel}");
    }

    private static bool HasHeaders(DoctorSnapshot p, string kernel) =>
        p.Facts.Packages.Value.Contains($"proxmox-headers-{kernel}")
            || p.Facts.Packages.Value.Contains($"pve-headers-{kernel}");

    private static CheckOutcome CheckHeaders(DoctorSnapshot p)
    {
        var package = $"proxmox-headers-{p.Kernel}";
        var fix = $"install them: apt-get install -y {package} proxmox-default-headers";
        return Version(p) is null ? Skip("no driver is installed")
            : HasHeaders(p, p.Kernel) ? Pass($"{package} is installed")
            : p.Driver.BuiltFor.Contains(p.Kernel)
                ? Warn($"{package} is not installed", "the module cannot be rebuilt for this kernel", fix)
                : Fail(
                    $"{package} is not installed", "without them the driver's module cannot be built for the running "
                        + "kernel", fix + $"; dkms autoinstall -k {p.Kernel}");
    }

    private static CheckOutcome CheckDkms(DoctorSnapshot p) =>
        Version(p) is null ? Skip("no driver is installed")
        : p.Facts.Packages.Value.Contains("dkms") ? Pass("dkms is installed")
        : Warn("dkms is not installed", "after the next kernel update the driver is missing",
            "install it: apt-get install -y dkms");

    private static CheckOutcome CheckBuilt(DoctorSnapshot p) =>
        Version(p) is null ? Skip("no driver is installed")
        : p.Driver.BuiltFor.Contains(p.Kernel) || p.Driver.IsLoaded ? Pass($"/lib/modules/{p.Kernel}/updates/dkms")
        : DriverKernels.IsTooNew(Version(p), p.Kernel) ? Skip("see KernelUnsupported")
        : !HasHeaders(p, p.Kernel) ? Skip("see HeadersMissing")
        : !p.Facts.Packages.Value.Contains("dkms") ? Skip("see DkmsMissing")
        : Fail(
            $"no nvidia.ko in /lib/modules/{p.Kernel}/updates/dkms",
            "DKMS has not built the module for the running kernel",
            $"build it: dkms autoinstall -k {p.Kernel}; modprobe nvidia");

    private static CheckOutcome CheckNextBuilt(DoctorSnapshot p)
    {
        var next = p.Facts.Boot.Value.NextKernel;
        return Version(p) is null ? Skip("no driver is installed")
            : next is null || next == p.Kernel ? Pass($"the next boot uses the running kernel")
            : p.Driver.BuiltFor.Contains(next) ? Pass($"/lib/modules/{next}/updates/dkms")
            : DriverKernels.IsTooNew(Version(p), next) ? Skip("see NextKernelUnsupported")
            : Warn(
                $"the next boot uses kernel {next}, and no nvidia.ko is in /lib/modules/{next}/updates/dkms",
                HasHeaders(p, next) ? $"DKMS has not built the module for kernel {next}"
                    : $"kernel {next} was installed without its headers",
                "build it before the restart: "
                    + (HasHeaders(p, next) ? "" : $"apt-get install -y proxmox-headers-{next}; ")
                    + (p.Facts.Packages.Value.Contains("dkms") ? "" : "apt-get install -y dkms; ")
                    + $"dkms autoinstall -k {next}");
    }

    private static CheckOutcome CheckInstalled(DoctorSnapshot p) => Version(p) is { } version
        ? Pass($"driver {version}")
        : p.Gpus.Count == 0 ? Skip("there is no GPU")
        : Fail(
            "no module and no source in /usr/src/nvidia-*", "NVIDIA's vGPU host driver was never installed",
            "install it from NVIDIA's -vgpu-kvm package: Initialize-VgpuHost -DriverPath <file.run>");

    private static CheckOutcome CheckLoaded(DoctorSnapshot p) =>
        p.Driver.IsLoaded ? Pass($"module {p.Driver.LoadedVersion}")
        : Version(p) is null ? Skip("no driver is installed")
        : p.Facts.Modules.Value.Contains("nouveau") ? Skip("see NouveauLoaded")
        : !p.Driver.BuiltFor.Contains(p.Kernel) ? Skip("it is not built for the running kernel")
        : p.IsRefusedBySecureBoot ? Skip("see SecureBootRefusesModule")
        : Blocks(p) is { Count: > 0 } blocks
            ? Fail($"nvidia is not in /proc/modules; {string.Join("; ", blocks.Select(b => b.Description))}",
                "it is prevented from loading", PlatformChecks.FixObstacles(blocks)) with
            {
                HostFix = PlatformChecks.FixObstaclesByHand(p)
            }
        : KnownFailures.Find(p, DriverLines(p)) is { } known
            ? Fail($"nvidia is not in /proc/modules{p.QuoteDriver()}", known.Cause, known.Fix)
        : Fail($"nvidia is not in /proc/modules{p.QuoteDriver()}", "it was unloaded, or did not load",
            "load it, and see what it reports: modprobe nvidia; journalctl -k -b -g NVRM");

    private static IReadOnlyList<LogLine> DriverLines(DoctorSnapshot p) =>
        p.Facts.KernelLog.IsRead ? [.. p.Facts.KernelLog.Value.Where(l => l.Has(["NVRM"]))] : [];

    private static List<DriverObstacle> Blocks(DoctorSnapshot p) => [.. p.Obstacles.Where(o => o.IsBlock)];

    private static CheckOutcome CheckBlocked(DoctorSnapshot p) =>
        Version(p) is null ? Skip("no driver is installed")
        : !p.Driver.IsLoaded ? Skip("the driver is not loaded; see DriverNotLoaded")
        : WarnOf(
            [.. Blocks(p).Select(b => b.Description)], "nothing on the kernel command line or in module options",
            "from an earlier GPU passthrough; the module was loaded by hand",
            PlatformChecks.FixObstacles(Blocks(p))) with
        {
            HostFix = PlatformChecks.FixObstaclesByHand(p)
        };

    private static CheckOutcome CheckFlavour(DoctorSnapshot p) =>
        Version(p) is null ? Skip("no driver is installed")
        : p.Driver.HasVgpuManager ? Pass("the vGPU manager is installed")
        : Fail(
            $"driver {Version(p)} without nvidia-vgpu-mgr",
            "the guest driver (-grid) or the plain driver is installed, which offers no vGPUs",
            "install the host's package, -vgpu-kvm: Initialize-VgpuHost -DriverPath <file.run>");

    private static CheckOutcome CheckGpus(DoctorSnapshot p) => GpuChecks.OnAnsweringDriver(p, () =>
    {
        var silent = p.Report.Problems.Where(r => r.Gpu is not null).ToList();
        return FailOf(
            [.. silent.Select(r => $"GPU {r.Gpu}: {r.Message}")], "all do",
            "the GPU fell off the bus, its firmware hangs, or it needs a reset",
            silent.FirstOrDefault()?.RecommendedAction ?? "");
    });

    private static CheckOutcome CheckAnswer(DoctorSnapshot p, bool isMismatch) =>
        !p.Driver.IsLoaded ? Skip("the driver is not loaded")
        : !p.Driver.HasVgpuManager ? Skip("see DriverWrongFlavour")
        : p.DriverProblem is not { } problem ? Pass($"driver {p.Report.DriverVersion}")
        : problem.Message.Contains("mismatch", StringComparison.OrdinalIgnoreCase) != isMismatch
            ? Skip(isMismatch ? "see DriverNotAnswering" : "see DriverLibraryMismatch")
        : Fail(
            problem.Message + p.QuoteDriver(), isMismatch ? "the driver was updated, and the old module is still loaded"
                : "the library is missing, or the driver is stuck",
            isMismatch ? "restart the host: systemctl reboot" : problem.RecommendedAction);

    /// <summary>The manager was late once; a vGPU that came up since shows that it no longer is.</summary>
    private static CheckOutcome CheckTimeout(DoctorSnapshot p) =>
        p.FindInLog("event processing by vgpu_mgr daemon", "GPU is not initialized yet") is not { } line
            ? Pass("no entry about it in the kernel log")
        : p.LastGoodStart is { } start && start.Time > line.Time
            ? Pass($"over: {line.Quote}; since then: {start.Quote}")
        : Warn(line.Quote, "the vGPU manager was still starting when a vGPU was requested (seen on NVLink systems)",
            "start the VM again; if it persists: systemctl restart nvidia-vgpu-mgr");
}
