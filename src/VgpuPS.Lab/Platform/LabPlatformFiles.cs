using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Platform;

/// <summary>The first disk of a machine: a host that is ready, or one that Proxmox's installer left a minute
/// ago.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h) for the files of boot loaders and the names of packages, facts/host-behaviour.md 8
/// (host prerequisites). Assumed: the text of <c>/etc/default/grub</c>.
/// </remarks>
internal static class LabPlatformFiles
{
    public const string GrubText = """
        # If you change this file, run 'update-grub' afterwards to update
        # /boot/grub/grub.cfg.
        # For full documentation of the options in this file, see:
        #   info -f grub -n 'Simple configuration'

        GRUB_DEFAULT=0
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR=`( . /etc/os-release && echo ${NAME} )`
        GRUB_CMDLINE_LINUX_DEFAULT="quiet"
        GRUB_CMDLINE_LINUX=""

        # Disable os-prober, it might add menu entries for each guest
        GRUB_DISABLE_OS_PROBER=true

        """;

    private const string ZfsWords = "root=ZFS=rpool/ROOT/pve-1 boot=zfs";

    public static void Make(LabState state, LabOptions options)
    {
        // Source: facts/proxmox.md (h): systemd-boot is there with root on ZFS only.
        var isZfs = options.RootIsOnZfs || options.Loader == LabLoader.SystemdBoot;
        state.Platform = new LabPlatform
        {
            Loader = options.Loader,
            Cpu = options.Cpu,
            IsSecureBoot = options.IsSecureBoot,
            FirmwareIommuIsOff = options.FirmwareIommuIsOff,
            RootWords = isZfs ? ZfsWords : "root=/dev/mapper/pve-root ro",
            PoolSeries = isZfs ? string.Join('.', state.Setup.Kernel.Split('.', '-')[..2]) : null,
            KeyIsEnrolled = options.IsSecureBoot && !options.IsBare,
        };
        foreach (var folder in (string[])["/etc/modprobe.d", "/boot/grub", "/etc/kernel", "/etc/default/grub.d", "/mnt",
            "/lib/modules", "/root", "/usr/src"])
        {
            LabTree.PutFolder(state, folder, LabEntry.FolderMode);
        }

        WriteBootFiles(state, options);
        AddPackages(state, options);
        LabBootTool.Install(state);
    }
    private static void WriteBootFiles(LabState state, LabOptions options)
    {
        var words = options.IsBare ? ""
            : options.Cpu == LabCpu.Intel && !LabKernelOrder.IsAtLeast(state.Setup.Kernel, 6, 8)
                ? " intel_iommu=on iommu=pt"
            : " iommu=pt";
        var isSystemd = options.Loader == LabLoader.SystemdBoot;
        LabDisk.Write(state, LabDisk.Grub, isSystemd
            ? GrubText : GrubText.Replace("\"quiet\"", $"\"quiet{words}\"", StringComparison.Ordinal));
        LabDisk.Write(state, "/etc/modprobe.d/pve-blacklist.conf", "blacklist nvidiafb\n");
        if (isSystemd)
        {
            LabDisk.Write(state, LabDisk.KernelCommandLine, $"{ZfsWords}{words}\n");
        }

        if (options.Loader != LabLoader.Grub)
        {
            LabDisk.Write(state, LabDisk.BootIds, "A1B2-C3D4\nE5F6-0718\n");
        }

        if (!options.IsBare || options.NouveauIsOff)
        {
            LabDisk.Write(
                state, "/etc/modprobe.d/blacklist-nouveau.conf", "blacklist nouveau\noptions nouveau modeset=0\n");
        }
    }

    private static void AddPackages(LabState state, LabOptions options)
    {
        var kernel = state.Setup.Kernel;
        var series = string.Join('.', kernel.Split('.', '-')[..2]);
        LabDisk.AddPackage(state, $"proxmox-kernel-{series}", kernel);
        foreach (var release in options.OtherKernels.Append(kernel))
        {
            LabDisk.AddKernel(state, release);
        }

        if (!options.IsBare)
        {
            LabDisk.AddPackage(state, $"proxmox-headers-{kernel}", "1");
            LabDisk.AddPackage(state, "proxmox-default-headers", "1");
            LabDisk.AddPackage(state, "dkms", "3.2.2-1");
        }

        LabDriverFiles.Install(
            state, options.IsBare && options.Driver == LabDriverFlavour.VgpuKvm
                ? LabDriverFlavour.None : options.Driver,
            state.Setup.DriverVersion, LabInstaller.Builds(state.Setup.DriverVersion, kernel) ? kernel : null);
        if (options.OtherKernels.Count > 0
            && options.OtherKernels.Append(kernel).Max(LabKernelOrder.Instance) != kernel)
        {
            LabDisk.Write(state, LabDisk.Pin, kernel + "\n");
        }
    }
}
