using System.Text;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using Xunit;

namespace VgpuPS.Tests.Lab.Platform;

/// <summary>How the simulated machine boots, and what programs make of its disk.</summary>
public sealed class LabPlatformTests
{
    private const string Kernel = "6.14.11-4-pve";

    [Fact]
    public void Machine_is_ready_unless_told_otherwise()
    {
        var host = LabHost.Create();
        Assert.Equal($"BOOT_IMAGE=/boot/vmlinuz-{Kernel} root=/dev/mapper/pve-root ro quiet iommu=pt\n",
            Read(host, "/proc/cmdline"));
        Assert.Contains("nvidia_vgpu_vfio 16384 0 - Live", Read(host, "/proc/modules"), StringComparison.Ordinal);
        Assert.Equal("580.105.06\n", Read(host, "/sys/module/nvidia/version"));
        Assert.Null(host.Files.GetInfo("/sys/firmware/efi"));
        var before = host.State.Setup.Kernel;
        host.Reboot();
        Assert.Equal((before, "nvidia", false),
            (host.State.Setup.Kernel, host.State.Gpus[0].Driver, host.State.Setup.IommuIsOff));
    }

    [Fact]
    public void Bare_machine_has_nouveau_and_no_driver()
    {
        var host = LabHost.Create(new LabOptions { IsBare = true });
        Assert.Equal((NvmlStatus.LibraryNotFound, "nouveau"), (host.Nvml.Init(), host.State.Gpus[0].Driver));
        Assert.Contains("nouveau ", Read(host, "/proc/modules"), StringComparison.Ordinal);
        Assert.Equal(Errno.ENOENT, Run(host, "/usr/bin/nvidia-smi").StartErrno);
        Assert.Equal(5, Run(host, "/usr/bin/systemctl", "start", "nvidia-vgpud").ExitCode);
    }

    [Theory]
    [InlineData(LabLoader.Grub, "/usr/sbin/update-grub", "")]
    [InlineData(LabLoader.ManagedGrub, "/usr/sbin/proxmox-boot-tool", "refresh")]
    [InlineData(LabLoader.SystemdBoot, "/usr/sbin/proxmox-boot-tool", "refresh")]
    public void Command_line_takes_effect_after_the_loader_s_tool_and_a_boot(
        LabLoader loader, string tool, string argument)
    {
        var host = LabHost.Create(new LabOptions { Loader = loader });
        Put(host, loader == LabLoader.SystemdBoot ? "/etc/kernel/cmdline" : "/etc/default/grub",
            loader == LabLoader.SystemdBoot
            ? "root=ZFS=x intel_iommu=off\n" : "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=off\"\n");
        host.Reboot();
        Assert.False(host.State.Setup.IommuIsOff);
        Assert.Equal(0, Run(host, tool, argument.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ExitCode);
        Assert.False(host.State.Setup.IommuIsOff);
        host.Reboot();
        Assert.True(host.State.Setup.IommuIsOff);
        Assert.Empty(host.Files.List("/sys/kernel/iommu_groups")!);
    }

    [Fact]
    public void Blacklist_counts_once_it_is_in_the_initramfs()
    {
        var host = LabHost.Create(new LabOptions { IsBare = true });
        Put(host, "/etc/modprobe.d/x.conf", "blacklist nouveau\n");
        host.Reboot();
        Assert.True(host.State.Platform.NouveauIsLoaded);
        Assert.Equal(0, Run(host, "/usr/sbin/update-initramfs", "-u", "-k", "all").ExitCode);
        host.Reboot();
        Assert.False(host.State.Platform.NouveauIsLoaded);
    }

    [Theory]
    [InlineData("Nouveau", "Nouveau")]
    [InlineData("Headers", "kernel source tree")]
    [InlineData("Dkms", "DKMS")]
    [InlineData("Kernel", "iommu_ops")]
    [InlineData("Secure", "bad shim signature")]
    [InlineData("Busy", "in use")]
    public void Installer_refuses_as_the_real_one_does(string fault, string words)
    {
        var host = LabHost.Create(new LabOptions { IsSecureBoot = fault == "Secure" });
        var package = LabDriverFiles.PutPackage(host, fault == "Kernel" ? "550.54.16" : "580.105.06");
        host.Edit(s =>
        {
            s.Platform.NouveauIsLoaded = fault == "Nouveau";
            s.Platform.KeyIsEnrolled = fault != "Secure";

            // The manager holds the driver that is to be replaced.
            s.Units.Find(u => u.Name == LabBootSetup.ManagerUnit)!.ActiveState =
                fault == "Busy" ? "active" : "inactive";
            if (fault is "Headers" or "Dkms")
            {
                LabDisk.RemovePackage(s, fault == "Dkms" ? "dkms" : $"proxmox-headers-{Kernel}");
            }

            if (fault == "Busy")
            {
                s.Gpus[0].ComputeProcesses.Add(17);
            }
        });
        var result = Run(host, "/bin/sh", package, "--silent", "--dkms");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Installer_loads_the_driver_and_starts_no_service()
    {
        var host = LabHost.Create(new LabOptions { IsBare = true, NouveauIsOff = true });
        Assert.Equal(0, Run(host, "/usr/bin/apt-get", "install", "-y", "dkms", $"proxmox-headers-{Kernel}").ExitCode);
        Assert.Equal(
            0, Run(host, "/bin/sh", LabDriverFiles.PutPackage(host, "580.65.06"), "--silent", "--dkms").ExitCode);
        Assert.Equal((NvmlStatus.Success, "nvidia"), (host.Nvml.Init(), host.State.Gpus[0].Driver));
        Assert.Equal("580.65.06\n", Read(host, "/sys/module/nvidia/version"));
        Assert.False(host.State.Gpus[0].HasTypes);
        Assert.Equal(0, Run(host, "/usr/bin/systemctl", "start", "nvidia-vgpud", "nvidia-vgpu-mgr").ExitCode);
        Assert.True(host.State.Gpus[0].HasTypes);
    }

    [Fact]
    public void Unsigned_module_is_not_loaded_with_secure_boot()
    {
        var host = LabHost.Create(new LabOptions { IsSecureBoot = true });
        Assert.Equal([6, 0, 0, 0, 1],
            host.Files.Read("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", 100));
        host.Edit(s => s.Platform.KeyIsEnrolled = false);
        host.Reboot();
        Assert.Equal(NvmlStatus.DriverNotLoaded, host.Nvml.Init());
        Assert.Contains("unavailable key", Run(host, "/usr/bin/dmesg").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Pinned_kernel_is_booted_and_a_module_for_another_is_not_loaded()
    {
        var host = LabHost.Create(new LabOptions { OtherKernels = ["7.0.2-1-pve"] });
        Assert.Equal(Kernel, host.State.Setup.Kernel);
        Assert.Equal(0, Run(host, "/usr/sbin/proxmox-boot-tool", "kernel", "unpin").ExitCode);
        Run(host, "/usr/sbin/update-grub");
        host.Reboot();
        Assert.Equal("7.0.2-1-pve", host.State.Setup.Kernel);
        Assert.Equal(NvmlStatus.DriverNotLoaded, host.Nvml.Init());
        Assert.Equal("failed\n", Run(host, "/usr/bin/systemctl", "is-active", "nvidia-vgpud").Output);
    }

    private static void Put(LabHost host, string path, string text) => host.Put(path, text);

    private static string Read(LabHost host, string path) => Encoding.ASCII.GetString(host.Files.Read(path, 1 << 16));

    private static ProcessResult Run(LabHost host, string program, params string[] arguments) =>
        host.Processes.RunAsync(new ProcessRequest(program, arguments, TimeSpan.FromMinutes(1)), default).Result;
}
