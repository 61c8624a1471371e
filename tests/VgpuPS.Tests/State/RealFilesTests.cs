using System.Text;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Events;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.State;
using VgpuPS.Host.Sysfs;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.State;

public sealed class RealFilesTests : IDisposable
{
    private static readonly VmId s_vm = new(101);

    private readonly RealFolder _folder = new();
    private readonly JumpingClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_processes_never_hold_the_host_lock_together()
    {
        var first = new HostLockFile(_folder.Files, _clock, 1);
        var second = new HostLockFile(_folder.Files, _clock, 2);
        var token = TestContext.Current.CancellationToken;
        await using (await first.AcquireAsync("VM 101 pre-start", TimeSpan.Zero, token))
        {
            var failure = await Assert.ThrowsAsync<ResourceBusyException>(
                () => second.AcquireAsync("VM 102 pre-start", TimeSpan.FromMilliseconds(100), token));
            Assert.Contains("pid 1: VM 101 pre-start since 2026", failure.Message, StringComparison.Ordinal);
        }

        await using var held = await second.AcquireAsync("VM 102 pre-start", TimeSpan.Zero, token);

        // Not by File.ReadAllText: it takes an flock of its own and would be refused.
        Assert.StartsWith(
            "pid 2: VM 102", Encoding.UTF8.GetString(_folder.Files.Read(StatePaths.Lock, 4096)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_and_events_lie_where_they_belong()
    {
        var store = new ClaimStoreFile(_folder.Files);
        store.Save(ClaimFile.Empty);
        Assert.Empty(store.Load().Claims);
        Assert.Equal(Convert.ToInt32("600", 8), _folder.Files.GetInfo(StatePaths.Claims)!.Mode);
        _folder.Put(StatePaths.Claims, "{");
        Assert.Throws<UnreadableDataException>(() => store.Load());
        Assert.Equal(StatePaths.Claims + ".corrupt-1", store.SetAside());
        Assert.Empty(store.Load().Claims);
        new EventLogFile(_folder.Files, _clock, text => Assert.Fail(text)).Write(
            new HostEvent("hook", 1, "a", "b", "", ""));
        Assert.Single(File.ReadAllLines(_folder.Real(StatePaths.Events)));
    }

    [Fact]
    public void A_lock_that_somebody_holds_is_found_in_the_kernels_own_list()
    {
        var host = new ProxmoxHost(_folder.Files, _clock);
        _folder.Put("/run/lock/qemu-server/lock-101.conf", "");
        _folder.Put("/proc/locks", File.ReadAllText("/proc/locks"));
        Assert.False(host.IsLocked(s_vm));
        using var held = _folder.Files.TryLock("/run/lock/qemu-server/lock-101.conf", 0);
        var self = Environment.ProcessId;
        _folder.Put($"/proc/{self}/status", File.ReadAllText($"/proc/{self}/status"));
        _folder.Put("/proc/locks", File.ReadAllText("/proc/locks"));
        Assert.True(host.IsLocked(s_vm));
    }

    [Fact]
    public async Task Reservations_are_written_for_all_to_read()
    {
        var host = new ProxmoxHost(_folder.Files, _clock);
        var function = PciAddress.Parse("0000:41:00.4");
        await host.ReserveFirstAsync([function], s_vm, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(new FunctionReservation(function, s_vm, true), Assert.Single(host.GetReservations()));
        Assert.Equal(
            Convert.ToInt32("644", 8),
            _folder.Files.GetInfo("/run/qemu-server/pci-id-reservations")!.Mode);
    }

    [Fact]
    public void Kernel_links_are_followed_and_a_running_process_is_looked_up()
    {
        _folder.Link("/sys/bus/pci/devices/0000:41:00.0", "../../../devices/pci0000:40/0000:41:00.0");
        _folder.Put("/sys/devices/pci0000:40/0000:41:00.0/vendor", "0x10de\n");
        _folder.Put("/sys/devices/pci0000:40/0000:41:00.0/device", "0x20b7\n");
        _folder.Put("/sys/devices/pci0000:40/0000:41:00.0/class", "0x030200\n");
        _folder.Link("/sys/devices/pci0000:40/0000:41:00.0/driver", "../../../bus/pci/drivers/nvidia");
        var gpu = Assert.Single(new SysfsPciDevices(_folder.Files, new ProgramScript()).GetGpus());
        Assert.Equal(("nvidia", 0x20b7, 0), (gpu.Driver, gpu.DeviceId, gpu.TotalFunctions));
        var host = new ProxmoxHost(_folder.Files, _clock);
        _folder.Put("/run/qemu-server/101.pid", "4711\n");
        Assert.False(host.IsRunning(s_vm));
        _folder.Put("/proc/4711/cmdline", "/usr/bin/kvm\0-id\0101\0");
        Assert.True(host.IsRunning(s_vm));
    }
}
