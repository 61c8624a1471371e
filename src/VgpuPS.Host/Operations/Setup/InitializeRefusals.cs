using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Operations.Setup;

/// <summary>Why a host cannot be prepared; said before anything is changed.</summary>
internal static class InitializeRefusals
{
    /// <param name="facts">The host.</param>
    /// <param name="package">The driver package; null for none.</param>
    /// <param name="planner">What is missing.</param>
    /// <param name="gpus">The host's GPUs.</param>
    /// <param name="force">Whether a driver that no longer has a board may be installed.</param>
    /// <exception cref="VgpuException">The boot loader is unknown, the package is not the host's, or no longer has its
    /// boards, or no kernel fits it.</exception>
    public static void Check(
        HostFacts facts, DriverPackage? package, PreparationPlanner planner, IReadOnlyList<PhysicalFunction> gpus,
        bool force)
    {
        var boot = facts.Boot.Value;
        if (boot.Loader == BootLoader.Unknown)
        {
            throw new HostNotReadyException(
                ErrorIds.HostNotPrepared, "neither GRUB nor systemd-boot can be identified for this boot: "
                    + $"{facts.CommandLine.Value}",
                "see how the host boots (proxmox-boot-tool status; efibootmgr -v), "
                    + "and add intel_iommu=on iommu=pt to the kernel command line by hand", "/proc/cmdline");
        }

        if (package is { IsHostDriver: false })
        {
            throw new InvalidRequestException(
                ErrorIds.DriverPackageWrong,
                $"{package.Path} is "
                    + $"{(package.Flavour == "grid" ? "the guest driver (-grid)"
                        : package.Flavour.Length == 0 ? "the plain driver" : $"the package {package.Flavour}")}"
                    + "; a host needs the -vgpu-kvm package of the same release",
                $"use NVIDIA-Linux-x86_64-{package.Version}-vgpu-kvm.run (or -vgpu-kvm-aie.run) from NVIDIA's "
                    + "licensing portal", package.Path);
        }

        if (!force && package is not null
            && gpus.FirstOrDefault(g => GpuBoard.Of(g.DeviceId).IsDroppedBy(package.Version)) is { } dropped)
        {
            var board = GpuBoard.Of(dropped.DeviceId);
            throw new InvalidRequestException(
                ErrorIds.DriverPackageWrong,
                $"driver {package.Version} has no vGPUs for GPU {dropped.Address}, a {board.Name}: the last branch "
                    + $"with them is {board.LastBranch}",
                $"use a release of branch {board.LastBranch}; or, where other GPUs are to be used, continue with "
                    + "-Force",
                package.Path);
        }

        if (planner.Target is null && planner.Series is null)
        {
            var driver = package?.Version ?? facts.Driver.Value.Version;
            var advice = DriverKernels.Advise(driver, facts.Kernel.Value, gpus.Select(g => g.DeviceId));
            throw new HostNotReadyException(
                ErrorIds.KernelUnsupported,
                $"{DriverKernels.Find(driver)?.Text ?? $"driver {driver}"}, "
                    + $"and this Proxmox VE offers none of these kernels; it runs {facts.Kernel.Value}",
                $"{(advice is null ? "no driver is reported that has these boards on this kernel" : $"use {advice}")}, "
                    + "or continue with the present kernel: -Force", driver);
        }
    }

    /// <summary>Refuses files of the boot loader that cannot be added to with certainty.</summary>
    /// <exception cref="HostNotReadyException">GRUB would not use them, or systemd-boot's would lose its root; says
    /// which line.</exception>
    public static void CheckBootFiles(BootFacts boot, PreparationPlanner planner)
    {
        if (boot.Loader == BootLoader.Grub)
        {
            if ((boot.Grub.Value.Fault ?? boot.GrubWithoutOurs.Value.Fault) is { } fault)
            {
                throw BootFile(fault, boot, "GRUB cannot use its files as they are");
            }
        }
        else if (planner.ChangesWords)
        {
            CheckKernelText(boot, planner);
        }
    }

    /// <summary>Refuses a drop-in that does not do what it is for; nothing has been written yet.</summary>
    public static void CheckDropIn(BootFacts boot, PreparationPlanner planner)
    {
        var expected = planner.Expected;
        if (planner.After!.FindDifference(expected.Present, expected.Absent, boot.Grub.Value) is { } fault)
        {
            throw BootFile(fault, boot, $"parameters cannot be passed to the kernel by {GrubDropIn.Path}");
        }

        if (planner.Changes.FirstOrDefault(c => !c.IsPlain) is { } odd)
        {
            var place = boot.Grub.Value.Sources.First(s => s.Words.Contains(odd.Old));
            throw BootFile(new GrubFault(place.Path, place.Line,
                $"{odd.Old} must be removed, and is written in a form that is not changed unattended"), boot,
                "a parameter cannot be removed");
        }
    }

    /// <summary>Refuses to go on where a restart was tried and did not help.</summary>
    public static void CheckTried(HostFacts facts, PreparationPlanner planner)
    {
        if (planner.Tried is { } tried)
        {
            throw new HostNotReadyException(
                ErrorIds.RestartDidNotHelp,
                $"the host was restarted and it did not help: {tried}; booted was {facts.CommandLine.Value} (kernel "
                    + $"{facts.Kernel.Value}), and the entry that should boot is {planner.ExpectedEntry}",
                "see what the firmware and the loader boot, and choose that entry: efibootmgr -v; "
                    + "proxmox-boot-tool status; grub-editenv list", "/proc/cmdline");
        }
    }

    /// <summary>Refuses a restart into a kernel without the driver's module; everything else is done.</summary>
    /// <exception cref="HostNotReadyException">The kernel that boots next has none.</exception>
    public static void CheckNextModule(PreparationPlan plan)
    {
        if (plan.UnbuiltKernel is { } kernel)
        {
            throw new HostNotReadyException(
                ErrorIds.HostNotPrepared,
                $"the host is prepared and was not restarted: kernel {kernel} boots next, and no module of the "
                    + "driver is built for it",
                $"build it, see why where that fails, and restart: apt-get install -y proxmox-headers-{kernel}; "
                    + $"dkms autoinstall -k {kernel}; dkms status; systemctl reboot", kernel);
        }
    }

    /// <summary>Refuses an older kernel with root on ZFS.</summary>
    public static void CheckZfs(HostFacts facts, PreparationPlanner planner)
    {
        if (planner.IsRefusedByZfs)
        {
            throw new HostNotReadyException(
                ErrorIds.KernelStepBack,
                $"the driver needs kernel {planner.StepBack}, older than the running {facts.Kernel.Value}, "
                    + "and root is on ZFS: a pool that was created or upgraded under the newer kernel can have "
                    + "features that the older one's ZFS module does not know, "
                    + "and such a kernel does not find its root file system",
                $"use a driver that is reported on kernel {facts.Kernel.Value}; "
                    + "or compare the pool's active features (zpool get all rpool | grep feature@) with those of the "
                    + "older kernel's ZFS (zpool-features(7); modinfo -k <kernel> zfs), have console access ready, "
                    + "and continue with -Force", "rpool");
        }
    }

    private static void CheckKernelText(BootFacts boot, PreparationPlanner planner)
    {
        var (before, after) = (boot.ConfiguredWords, KernelCommandLine.FirstLine(planner.KernelText, ""));
        var what = boot.KernelText is null && KernelCommandLine.FindOnce(before) is { } once
            ? $"there is none, and the running kernel was booted with {once}, which must not persist; "
                + "write the permanent parameters into it: root=… and the rest"
            : boot.KernelText?.Split('\n')[0].Contains('\r', StringComparison.Ordinal) == true ? "its first line ends "
                + "with a carriage return (Windows line ending), which would become part of the kernel's parameters"
            : !after.Any(w => w.StartsWith("root=",
                StringComparison.Ordinal)) ? "root= is missing on its first line, the only one that is read; "
                    + "no kernel would find its root file system"
            : before.FirstOrDefault(w => !after.Contains(w) && planner.Changes.All(c => c.Old != w)) is { } lost
                ? $"the parameter {lost} would be lost"
            : null;
        if (what is not null)
        {
            throw BootFile(new GrubFault(BootFacts.KernelPath, boot.KernelText is null ? null : 1, what), boot,
                "the kernel command line cannot be changed");
        }
    }

    private static HostNotReadyException BootFile(GrubFault fault, BootFacts boot, string why) => new(
        ErrorIds.BootFileUnusable, $"{why}: {fault.Text}",
        $"correct it by hand, run {boot.RefreshCommand}, and run this again", fault.Path);

    public static HostNotReadyException KeyIsMissing(DriverPackage package) => new(
        ErrorIds.SecureBootNeedsKey,
        $"Secure Boot is on, and no key that could sign the module of driver {package.Version} is enrolled in the "
            + "firmware",
        "enrol the key of DKMS: apt-get install -y dkms mokutil; dkms generate_mok; "
            + "mokutil --import /var/lib/dkms/mok.pub; systemctl reboot, and choose Enroll MOK on the console; "
            + "then run this again; or disable Secure Boot in the firmware",
        "/var/lib/dkms/mok.pub");
}
