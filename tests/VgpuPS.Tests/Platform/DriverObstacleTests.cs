using VgpuPS.Core.Gpu;
using VgpuPS.Core.Platform;
using Xunit;

namespace VgpuPS.Tests.Platform;

/// <summary>What keeps NVIDIA's driver from its GPUs, in every place; and what only looks like it.</summary>
public sealed class DriverObstacleTests
{
    private static readonly PciAddress[] s_gpus = [PciAddress.Parse("0000:4b:00.0"), PciAddress.Parse("0000:ca:00.0")];
    private static readonly HashSet<int> s_none = [];

    [Theory]
    [InlineData("quiet iommu=pt", "")]
    [InlineData("iommu=off", "iommu=off>")]
    [InlineData("intel_iommu=off,strict", "intel_iommu=off,strict>intel_iommu=strict")]
    [InlineData("amd_iommu=off", "amd_iommu=off>")]
    [InlineData("vfio-pci.ids=10de:20b7,10DE:1aef", "vfio-pci.ids=10de:20b7,10DE:1aef>")]
    [InlineData("vfio_pci.ids=10de:20b7:ffff:ffff,8086:1572",
        "vfio_pci.ids=10de:20b7:ffff:ffff,8086:1572>vfio_pci.ids=8086:1572")]
    [InlineData("vfio-pci.ids=1002:744c", "")]
    [InlineData("pci-stub.ids=10de:20b7", "pci-stub.ids=10de:20b7>")]
    [InlineData("modprobe.blacklist=nouveau,nvidiafb", "")]
    [InlineData("modprobe.blacklist=nouveau,nvidia,nvidia-drm",
        "modprobe.blacklist=nouveau,nvidia,nvidia-drm>modprobe.blacklist=nouveau")]
    [InlineData("module_blacklist=nvidia", "module_blacklist=nvidia>")]
    [InlineData("rd.driver.blacklist=nvidia_vgpu_vfio", "rd.driver.blacklist=nvidia_vgpu_vfio>")]
    [InlineData("rd.driver.pre=vfio-pci nvidia-drm.modeset=1", "")]
    public void Words_that_must_go(string words, string changes) => Assert.Equal(
        changes,
        string.Join(' ', DriverObstacles.FindChanges(words.Split(' '), s_none).Select(c => $"{c.Old}>{c.New}")));

    [Fact]
    public void Ids_of_a_GPU_that_a_VM_has_as_a_whole_stay() => Assert.Equal(
        "vfio-pci.ids=10de:1eb8", Assert.Single(
            DriverObstacles.FindChanges(["vfio-pci.ids=10de:20b7,10de:1eb8"], new HashSet<int> { 0x1eb8 })).New);

    [Theory]
    [InlineData("/etc/modprobe.d/a.conf", "blacklist nouveau\n", "")]
    [InlineData("/etc/modprobe.d/a.conf", "blacklist nvidiafb\n", "")]
    [InlineData("/etc/modprobe.d/a.conf", "# blacklist nvidia\n", "")]
    [InlineData("/etc/modprobe.d/a.conf", "blacklist nouveau\nblacklist nvidia\n", "2 block ours")]
    [InlineData("/etc/modprobe.d/a.conf", "blacklist  nvidia-drm\n", "1 block ours")]
    [InlineData("/usr/lib/modprobe.d/a.conf", "blacklist nvidia\n", "1 block")]
    [InlineData("/etc/modprobe.d/a.conf", "install nvidia /bin/false\n", "1 block ours")]
    [InlineData("/etc/modprobe.d/a.conf", "install nvidia /usr/local/bin/ask && true\n", "1 block")]
    [InlineData("/etc/modprobe.d/a.conf", "install nvidia /sbin/modprobe --ignore-install nvidia\n", "")]
    [InlineData("/etc/modprobe.d/a.conf", "softdep nvidia pre: vfio-pci\n", "1 gives")]
    [InlineData("/etc/modprobe.d/a.conf", "softdep nouveau pre: vfio-pci\n", "")]
    [InlineData("/etc/modprobe.d/a.conf", "options vfio-pci ids=10de:20b7 disable_vga=1\n", "1 gives ours")]
    [InlineData("/etc/modprobe.d/a.conf", "options vfio_pci \\\n  ids=10de:20b7\n", "1 gives")]
    [InlineData("/etc/modprobe.d/a.conf", "options vfio-pci ids=10de:20b7,8086:1572\n", "1 gives")]
    [InlineData("/etc/modprobe.d/a.conf", "options vfio-pci ids=8086:1572\n", "")]
    [InlineData("/etc/modprobe.d/a.conf", "alias pci:v000010DEd000020B7* vfio-pci\n", "1 gives")]
    [InlineData(
        "/etc/udev/rules.d/90.rules", "KERNELS==\"0000:ca:00.0\", ATTR{driver_override}=\"vfio-pci\"\n", "1 gives")]
    [InlineData("/etc/udev/rules.d/90.rules", "KERNELS==\"0000:03:00.0\", ATTR{driver_override}=\"vfio-pci\"\n", "")]
    [InlineData(
        "/etc/udev/rules.d/90.rules", "\nATTR{vendor}==\"0x10de\", ATTR{driver_override}=\"vfio-pci\"\n", "2 gives")]
    [InlineData("/etc/udev/rules.d/90.rules", "ATTR{vendor}==\"0x8086\", ATTR{driver_override}=\"vfio-pci\"\n", "")]
    [InlineData("/etc/udev/rules.d/90.rules", "SUBSYSTEM==\"vfio\", MODE=\"0660\"\n", "")]
    [InlineData("/etc/driverctl.d/0000:ca:00.0", "vfio-pci\n", "1 gives")]
    [InlineData("/etc/driverctl.d/0000:03:00.0", "vfio-pci\n", "")]
    [InlineData("/etc/initramfs-tools/modules", "vfio\nvfio_pci ids=10de:20b7\n", "2 gives")]
    [InlineData("/etc/modules", "vfio\nvfio-pci\n", "")]
    [InlineData(
        "/etc/systemd/system/bind.service", "[Service]\nExecStart=/bin/sh -c 'echo vfio-pci > "
            + "/sys/bus/pci/devices/0000:ca:00.0/driver_override'\n", "2 gives")]
    [InlineData(
        "/etc/initramfs-tools/scripts/init-top/bind", "#!/bin/sh\nDEVS=\"0000:ca:00.0\"\nfor d in $DEVS; do echo "
            + "vfio-pci > /sys/bus/pci/devices/$d/driver_override; done\n", "3 gives")]
    [InlineData(
        "/etc/initramfs-tools/scripts/init-top/bind", "#!/bin/sh\nDEVS=\"0000:03:00.0\"\nfor d in $DEVS; do echo "
            + "vfio-pci > /sys/bus/pci/devices/$d/driver_override; done\n", "")]
    [InlineData("/sys/bus/pci/devices/0000:ca:00.0/driver_override", "(null)\n", "")]
    [InlineData("/sys/bus/pci/devices/0000:ca:00.0/driver_override", "vfio-pci\n", "1 gives")]
    [InlineData("/sys/bus/pci/devices/0000:03:00.0/driver_override", "vfio-pci\n", "")]
    [InlineData("/etc/rc.local", "echo 10de 20b7 > /sys/bus/pci/drivers/vfio-pci/new_id\n", "1 gives")]
    [InlineData("/etc/rc.local", "echo 10de 20b7 > /sys/bus/pci/drivers/pci-pf-stub/new_id\n", "1 gives")]
    [InlineData("/etc/rc.local", "echo 0000:ca:00.0 > /sys/bus/pci/drivers/pci-pf-stub/unbind\n", "")]
    [InlineData("/etc/rc.local", "echo 10de 20b7 > /sys/bus/pci/drivers/nvidia/new_id\n", "")]
    [InlineData("/etc/cron.d/bind", "@reboot root echo pci-pf-stub > "
        + "/sys/bus/pci/devices/0000:ca:00.0/driver_override\n", "1 gives")]
    [InlineData("/etc/driverctl.d/0000:ca:00.0", "pci-pf-stub\n", "1 gives")]
    [InlineData("/sys/bus/pci/devices/0000:ca:00.0/driver_override", "pci-pf-stub\n", "1 gives")]
    [InlineData("/etc/modprobe.d/a.conf", "softdep nvidia pre: pci-pf-stub\n", "1 gives")]
    [InlineData("/etc/modprobe.d/a.conf", "alias nvidia off\n", "1 block")]
    public void Lines_that_keep_the_driver_out(string path, string text, string found) => Assert.Equal(
        found,
        string.Join(' ', DriverObstacles.FindInFile(path, text, s_gpus, s_none)
            .Select(o => $"{o.Line} {(o.IsBlock ? "block" : "gives")}{(o.IsOurs ? " ours" : "")}")));

    [Fact]
    public void Line_is_commented_out_and_all_others_stay_byte_for_byte() => Assert.Equal(
        "a\r\n# taken out by Initialize-VgpuHost: blacklist nvidia\n\n c",
        DriverObstacles.TakeOut("a\r\nblacklist nvidia\n\n c", [2]));
}
