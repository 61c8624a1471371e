using VgpuPS.Core.Errors;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.InitializeHost;

/// <summary>Why a host cannot be prepared; said before anything is changed.</summary>
internal static class InitializeRefusals
{
    /// <exception cref="VgpuException">The boot loader is unknown, the package is not the host's, or no kernel fits it.</exception>
    public static void Check(HostFacts facts, DriverPackage? package, PreparationPlanner planner)
    {
        var boot = facts.Boot.Value;
        if (boot.Loader == BootLoader.Unknown)
        {
            throw new HostNotReadyException(
                ErrorIds.HostNotPrepared, $"neither GRUB nor systemd-boot left its mark on this boot: {facts.CommandLine.Value}",
                "See how the host boots (proxmox-boot-tool status; efibootmgr -v), and add intel_iommu=on iommu=pt to the kernel command line by hand", "/proc/cmdline");
        }

        if (package is { IsHostDriver: false })
        {
            throw new InvalidRequestException(
                ErrorIds.DriverPackageWrong,
                $"{package.Path} is {(package.Flavour == "grid" ? "the guest driver (-grid)" : package.Flavour.Length == 0 ? "the plain driver" : $"the package {package.Flavour}")}; a host needs the -vgpu-kvm package of the same release",
                $"Take NVIDIA-Linux-x86_64-{package.Version}-vgpu-kvm.run (or -vgpu-kvm-aie.run) from NVIDIA's licensing portal", package.Path);
        }

        if (planner.Target is null && planner.Series is null)
        {
            var driver = package?.Version ?? facts.Driver.Value.Version;
            throw new HostNotReadyException(
                ErrorIds.KernelUnsupported,
                $"{DriverKernels.Find(driver)?.Text ?? $"driver {driver}"}, and this Proxmox VE offers none of them; it runs {facts.Kernel.Value}",
                "Take a newer release of the driver, or go on with the kernel as it is: -Force", driver);
        }
    }

    /// <exception cref="ResourceBusyException">A VM runs, whose vGPU the installer would take away.</exception>
    public static void CheckIdle(HostPorts host)
    {
        var running = host.Guests.GetReservations().Where(r => r.IsHeld).Select(r => r.Vm).Distinct().Where(host.Guests.IsRunning).Order().ToList();
        if (running.Count > 0)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy, $"VM {string.Join(", VM ", running)} runs with a PCI device, and the driver cannot be exchanged under it",
                $"Shut it down first: qm shutdown {running[0]}", running[0].ToString());
        }
    }

    public static HostNotReadyException KeyIsMissing(DriverPackage package) => new(
        ErrorIds.SecureBootNeedsKey,
        $"Secure Boot is on, and no key that could sign the module of driver {package.Version} is enrolled in the firmware",
        "Enrol the key of DKMS: apt-get install -y dkms mokutil; dkms generate_mok; mokutil --import /var/lib/dkms/mok.pub; systemctl reboot, and choose Enroll MOK on the console; then run this again. Or switch Secure Boot off in the firmware",
        "/var/lib/dkms/mok.pub");
}
