using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

public sealed class LabFilesTests
{
    private const string Uuid = "00000000-0000-0000-0000-000000000101";

    private static string Create(string type, string function = LabMachines.FirstFunction) =>
        $"/sys/bus/pci/devices/{function}/mdev_supported_types/nvidia-{type}/create";

    [Theory]
    [InlineData("685", "not-a-uuid", Errno.EINVAL)]
    [InlineData("685", Uuid, Errno.EEXIST)]
    [InlineData("9999", "11111111-0000-0000-0000-000000000000", Errno.ENOENT)]
    [InlineData("685", "11111111-0000-0000-0000-000000000000", Errno.ENOSPC)]
    public void Second_mediated_device_on_a_function(string type, string uuid, int errno)
    {
        var host = LabMachines.With("A30", LabBackend.Mdev);
        host.Files.WriteAttribute(Create("685"), Uuid);
        Assert.Equal(errno, LabMachines.WriteErrno(host, Create(type), uuid));
    }

    [Theory]
    [InlineData("16", 0)]
    [InlineData("0x10", 0)]
    [InlineData("+020", 0)]
    [InlineData("0", Errno.ENOENT)]
    [InlineData("0x4", Errno.ENOENT)]
    [InlineData("08", Errno.EINVAL)]
    [InlineData("999", Errno.ERANGE)]
    [InlineData("-1", Errno.EINVAL)]
    [InlineData("abc", Errno.EINVAL)]
    [InlineData("70000", Errno.EINVAL)]
    public void Number_of_functions_by_hand(string value, int errno)
    {
        var host = LabMachines.With("A30");
        Assert.Equal(
            errno, LabMachines.WriteErrno(host, $"/sys/bus/pci/devices/{LabMachines.Gpu}/sriov_numvfs", value));
    }

    [Theory]
    [InlineData("685", true, Errno.EIO)]
    [InlineData("689", false, Errno.EIO)]
    [InlineData("4711", false, Errno.EIO)]
    [InlineData("x", false, Errno.EINVAL)]
    [InlineData("685", false, 0)]
    [InlineData("0", false, 0)]
    public void Type_of_a_function(string value, bool mig, int errno)
    {
        var host = LabMachines.With("A30", mig: mig);
        Assert.Equal(errno, LabMachines.WriteErrno(host, LabMachines.Vendor("current_vgpu_type"), value));
        Assert.Equal(errno == 0 ? value : "0", LabMachines.Text(host, LabMachines.Vendor("current_vgpu_type")));
        Assert.Equal(errno == Errno.EIO, host.KernelLog.Contains("NVRM", StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_size_leaves_one_size_creatable()
    {
        var host = LabMachines.With("A30");
        host.Files.WriteAttribute(LabMachines.Vendor("current_vgpu_type"), "685");
        var second = LabMachines.Text(host, LabMachines.Vendor("creatable_vgpu_types", "0000:4b:00.5")).Split('\n');
        Assert.Equal(["ID    : vGPU Name", "685   : NVIDIA A30-6C"], second);
        Assert.Equal(
            "ID    : vGPU Name", LabMachines.Text(host, LabMachines.Vendor("creatable_vgpu_types")));
    }

    [Theory]
    [InlineData("please", Errno.EINVAL, true)]
    [InlineData("-1", Errno.EINVAL, true)]
    [InlineData("0", 0, true)]
    [InlineData("1", 0, false)]
    public void Removal_by_a_number(string value, int errno, bool isThere)
    {
        var host = LabMachines.With("A30", LabBackend.Mdev);
        host.Files.WriteAttribute(Create("685"), Uuid);
        Assert.Equal(errno, LabMachines.WriteErrno(host, $"/sys/bus/mdev/devices/{Uuid}/remove", value));
        Assert.Equal(isThere, host.Files.GetInfo($"/sys/bus/mdev/devices/{Uuid}") is not null);
    }

    [Fact]
    public async Task Removal_of_a_held_device_waits_and_hides_it()
    {
        var host = LabMachines.With("A30", LabBackend.Mdev);
        host.Files.WriteAttribute(Create("685"), Uuid);
        LabMachines.Start(host, 101, $"sysfsdev=/sys/bus/mdev/devices/{Uuid}");
        var result = await host.Processes.WriteAttributeAsync(
            $"/sys/bus/mdev/devices/{Uuid}/remove", "1", TimeSpan.FromSeconds(5),
            TestContext.Current.CancellationToken);
        Assert.False(result.Finished);
        Assert.Null(host.Files.GetInfo($"/sys/bus/mdev/devices/{Uuid}"));
        Assert.Equal(Errno.EEXIST, LabMachines.WriteErrno(host, Create("685", "0000:4b:00.5"), Uuid));
        host.EndQemu(new VmId(101), LabQemuEnd.Quit);
        Assert.Equal(0, LabMachines.WriteErrno(host, Create("685", "0000:4b:00.5"), Uuid));
    }

    [Fact]
    public void Held_lock_is_refused_and_listed_with_its_inode()
    {
        var host = LabHost.Create();
        using var held = host.Files.TryLock("/run/lock/qemu-server/lock-101.conf", FileModes.Mode600);
        Assert.NotNull(held);
        Assert.Null(host.Files.TryLock("/var/lock/qemu-server/lock-101.conf", FileModes.Mode600));
        var inode = host.Files.GetInfo("/run/lock/qemu-server/lock-101.conf")!.Inode;
        Assert.Contains($":{inode} 0 EOF", LabMachines.Text(host, "/proc/locks"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.ENOSPC)]
    [InlineData(Errno.EROFS)]
    public void Full_or_read_only_storage_refuses_writes(int errno)
    {
        var host = LabHost.Create();
        host.Edit(state => state.Setup.WriteRefusals["/run/"] = errno);
        Assert.Equal(errno, Assert.Throws<HostFileException>(() => host.Files.WriteWhole("/run/x", "a"u8, 420)).Number);
        host.Files.WriteWhole("/tmp/x", "a"u8, 420);
        Assert.Equal("a", LabMachines.Text(host, "/tmp/x"));
    }

    [Fact]
    public void T4_offers_its_types_on_the_gpu_itself()
    {
        var host = LabMachines.With("T4", functions: false);
        Assert.Equal(0, LabMachines.WriteErrno(host, Create("231", LabMachines.Gpu), Uuid));
        Assert.Equal("7", LabMachines.Text(
            host, $"/sys/bus/pci/devices/{LabMachines.Gpu}/mdev_supported_types/nvidia-231/available_instances"));
    }

    [Fact]
    public void Function_of_another_driver_offers_no_types()
    {
        var host = LabMachines.With("A30");
        const string Drivers = "/sys/bus/pci/drivers";
        var choice = $"/sys/bus/pci/devices/{LabMachines.FirstFunction}/driver_override";
        Assert.Equal(Errno.EBUSY, LabMachines.WriteErrno(host, $"{Drivers}/nvidia/bind", LabMachines.FirstFunction));
        host.Files.WriteAttribute($"{Drivers}/nvidia/unbind", LabMachines.FirstFunction);
        Assert.Equal(Errno.ENODEV, LabMachines.WriteErrno(host, $"{Drivers}/nvidia/unbind", LabMachines.FirstFunction));
        Assert.Equal(Errno.ENODEV, LabMachines.WriteErrno(host, $"{Drivers}/vfio-pci/bind", LabMachines.FirstFunction));
        host.Files.WriteAttribute(choice, "vfio-pci");
        Assert.Equal(Errno.ENODEV, LabMachines.WriteErrno(host, $"{Drivers}/nvidia/bind", LabMachines.FirstFunction));
        host.Files.WriteAttribute($"{Drivers}/vfio-pci/bind", LabMachines.FirstFunction);
        Assert.Null(host.Files.GetInfo(LabMachines.Vendor("current_vgpu_type")));
        Assert.EndsWith("vfio-pci", host.Files.ReadLink($"/sys/bus/pci/devices/{LabMachines.FirstFunction}/driver")!,
            StringComparison.Ordinal);
    }
}
