using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Vgpu;
using static VgpuPS.Core.UseCases.TestHost.CheckOutcome;

namespace VgpuPS.Core.UseCases.TestHost.Checks;

/// <summary>Proxmox, kernel command line, IOMMU, PCI.</summary>
/// <remarks>Source: facts/errors.md A2, A7, A8, A9; facts/proxmox.md (d) and (h); facts/host-behaviour.md 8.</remarks>
internal static class PlatformChecks
{
    private const string Area = "Platform";

    public static IEnumerable<HostCheck> All =>
    [
        new("NotAProxmoxHost", Area, "Proxmox VE is installed, and its cluster file system mounted", CheckProxmox),
        new("QemuServerTooOld", Area, "qemu-server knows NVIDIA's vendor VFIO", CheckQemuServer),
        new("IommuOff", Area, "the kernel command line lets the IOMMU be on", CheckIommuWords),
        new("IommuOffInFirmware", Area, "the firmware offers an IOMMU", CheckIommuFirmware),
        new("RestartPending", Area, "the running kernel has the command line that is configured", CheckRestart),
        new("CommandLineInWrongFile", Area, "IOMMU words stand in the file that the boot loader reads", CheckOtherFile),
        new("MmioTooSmall", Area, "the firmware gave the GPUs room for virtual functions", CheckMmio),
        new("NoGpu", Area, "PCI shows NVIDIA GPUs", p => p.Gpus.Count > 0
            ? Pass(string.Join(", ", p.Gpus.Select(g => g.Address)))
            : Fail(
                "no display device of vendor 10de", "no NVIDIA GPU is in the host, or the firmware has switched it off",
                "Look for it: lspci -d 10de:")),
        new("GpuOnVfioPci", Area, "no GPU is bound to vfio-pci as a whole", CheckPassthrough),
        new("GpuWithoutDriver", Area, "every GPU is bound to the driver", CheckUnbound),
        new("VfioIdsOption", Area, "no module option gives NVIDIA GPUs to vfio-pci at boot", CheckVfioIds),
    ];

    private static CheckOutcome CheckProxmox(HostPicture p)
    {
        try
        {
            p.Host.GuestConfig.RequireProxmox();
            return Pass($"node {p.Host.Guests.Node}, qemu-server {p.Host.Guests.QemuServerVersion ?? "unknown"}");
        }
        catch (HostNotReadyException e)
        {
            return Fail(e.Message, "this is no Proxmox VE host, or its cluster service does not run", e.RecommendedAction);
        }
    }

    private static CheckOutcome CheckQemuServer(HostPicture p)
    {
        if (!p.Gpus.Any(g => p.Host.Devices.GetFunctions(g).Any(f => f.Backend == VgpuBackend.VendorVfio)))
        {
            return Skip("no function offers vGPUs through vendor VFIO now");
        }

        return PveGeneration.FromVersion(p.Host.Guests.QemuServerVersion) switch
        {
            null => Skip("the version of qemu-server cannot be told"),
            { KnowsVendorVfio: true } known => Pass($"qemu-server {known.QemuServer}"),
            var old => Fail(
                $"qemu-server {old.QemuServer}", "it takes vendor VFIO functions for plain PCI devices; 8.2.5 is the first that knows them",
                "Update it: apt-get update; apt-get dist-upgrade"),
        };
    }

    private static CheckOutcome CheckIommuWords(HostPicture p)
    {
        if (p.Facts.IommuGroups.Value > 0)
        {
            return Pass($"{p.Facts.IommuGroups.Value} IOMMU groups");
        }

        return KernelCommandLine.IommuProblem(KernelCommandLine.Words(p.Facts.CommandLine.Value), p.Facts.Cpu.Value, p.Kernel) is { } problem
            ? Fail(
                $"/sys/kernel/iommu_groups is empty; /proc/cmdline: {problem}", "the kernel was told to leave the IOMMU off, or not told to switch it on",
                "Prepare the host, then restart it: Initialize-VgpuHost; systemctl reboot")
            : Skip("the command line is right; see IommuOffInFirmware");
    }

    private static CheckOutcome CheckIommuFirmware(HostPicture p) =>
        p.Facts.IommuGroups.Value > 0 ? Pass($"{p.Facts.IommuGroups.Value} IOMMU groups")
        : KernelCommandLine.IommuProblem(KernelCommandLine.Words(p.Facts.CommandLine.Value), p.Facts.Cpu.Value, p.Kernel) is not null
            ? Skip("the command line is wrong; see IommuOff")
            : Fail(
                "/sys/kernel/iommu_groups is empty, and the kernel command line is right",
                $"{(p.Facts.Cpu.Value == CpuMaker.Amd ? "AMD-Vi" : "VT-d")} is off in the firmware",
                "Switch it on there, with SR-IOV and Above-4G decoding: systemctl reboot --firmware-setup");

    private static CheckOutcome CheckRestart(HostPicture p)
    {
        var boot = p.Facts.Boot.Value;
        var running = KernelCommandLine.Words(p.Facts.CommandLine.Value);
        var missing = KernelCommandLine.IommuWords(boot.ConfiguredWords).Where(w => !running.Contains(w));
        var left = KernelCommandLine.IommuWords(running).Where(w => !boot.ConfiguredWords.Contains(w));
        return WarnOf(
            [.. missing.Select(w => $"{w} is in {boot.ConfiguredPath} and not on /proc/cmdline"), .. left.Select(w => $"{w} is on /proc/cmdline and not in {boot.ConfiguredPath}")],
            p.Facts.CommandLine.Value, "the file was changed since the boot",
            $"Bring it to the boot loader and restart: {boot.RefreshCommand}; systemctl reboot");
    }

    private static CheckOutcome CheckOtherFile(HostPicture p)
    {
        var boot = p.Facts.Boot.Value;
        if (boot.Loader == BootLoader.Unknown)
        {
            return Skip("neither GRUB nor systemd-boot left its mark on /proc/cmdline");
        }

        var (other, right) = boot.Loader == BootLoader.Grub
            ? (BootFacts.KernelPath, BootFacts.GrubPath) : (BootFacts.GrubPath, BootFacts.KernelPath);
        return WarnOf(
            [.. KernelCommandLine.IommuWords(boot.OtherWords).Except(boot.ConfiguredWords, StringComparer.Ordinal).Select(w => $"{w} is in {other}")],
            $"{boot.Loader} reads {right}", $"this host boots with {boot.Loader}, which reads {right} and never {other}",
            "Put them into the right file: Initialize-VgpuHost");
    }

    private static CheckOutcome CheckMmio(HostPicture p) =>
        p.FindInLog("not enough MMIO resources for SR-IOV", "Failed to enable PCI sriov: -12") is { } line
            ? Fail(
                line, "the firmware gave the GPU too little address space, or too few bus numbers, for virtual functions",
                "Switch on Above-4G decoding and SR-IOV in the firmware and raise its MMIO size (systemctl reboot --firmware-setup), or add pci=realloc to the kernel command line")
            : Pass("nothing about it in the kernel log");

    private static CheckOutcome CheckPassthrough(HostPicture p) => FailOf(
        [.. p.Gpus.Where(g => g.Driver == "vfio-pci").Select(g => $"GPU {g.Address} is bound to vfio-pci")],
        "none is", "it is passed through as a whole: a VM has it, or a driver_override, or vfio-pci took it at boot",
        $"Stop the VM that has it and give it back: {Rebind(p.Gpus.FirstOrDefault(g => g.Driver == "vfio-pci"))}");

    /// <remarks>Source: measured on kernel 6.12: while driver_override names vfio-pci, nvidia/bind gives ENODEV.</remarks>
    private static string Rebind(PhysicalFunction? gpu) =>
        $"echo {gpu?.Address} > /sys/bus/pci/drivers/vfio-pci/unbind; echo > /sys/bus/pci/devices/{gpu?.Address}/driver_override; echo {gpu?.Address} > /sys/bus/pci/drivers/nvidia/bind";

    private static CheckOutcome CheckUnbound(HostPicture p) => !p.Driver.IsLoaded
        ? Skip("the driver is not loaded")
        : FailOf(
            [.. p.Gpus.Where(g => g.Driver is not "nvidia" and not "vfio-pci").Select(g => $"GPU {g.Address} has {(g.Driver is null ? "no driver" : $"driver {g.Driver}")}")],
            "all are", "the driver gave the GPU up, or another one took it",
            "See what the driver says: journalctl -k -b -g NVRM; then bind it: echo <address> > /sys/bus/pci/drivers/nvidia/bind");

    private static CheckOutcome CheckVfioIds(HostPicture p) => WarnOf(
    [
        .. p.Facts.ModuleOptions.Value.SelectMany(f => f.Text.Split('\n')
            .Where(l => KernelCommandLine.Words(l) is ["options", "vfio-pci" or "vfio_pci", ..] && l.Contains("10de:", StringComparison.OrdinalIgnoreCase))
            .Select(l => $"{f.Path}: {l.Trim()}")),
    ], "no such line in /etc/modprobe.d", "left over from passing the GPU through; the driver does not get it at the next boot",
        "Take the line out, then: update-initramfs -u -k all; systemctl reboot");
}
