using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Proxmox;

public sealed class ProxmoxHostTests
{
    private const string Reservations = "/run/qemu-server/pci-id-reservations";
    private const string LockFile = Reservations + ".lock";
    private static readonly VmId s_vm = new(101);
    private static readonly PciAddress s_function = PciAddress.Parse("0000:41:00.4");

    private readonly FileTree _tree = new();
    private readonly JumpingClock _clock = new();
    private readonly ProxmoxHost _host;

    public ProxmoxHostTests()
    {
        _host = new ProxmoxHost(_tree, _clock);
        _tree.Link("/etc/pve/local", "nodes/pve1");
        _tree.Link("/etc/pve/qemu-server", "nodes/pve1/qemu-server");
        _tree["/etc/pve/nodes/pve1/qemu-server/101.conf"] = "here";
        _tree["/etc/pve/nodes/pve1/qemu-server/1001.conf"] = "";
        _tree["/etc/pve/nodes/pve1/qemu-server/102.conf.tmp"] = "";
        _tree["/etc/pve/nodes/pve2/qemu-server/103.conf"] = "there";
    }

    [Fact]
    public void The_node_is_what_the_cluster_says_else_the_host_name()
    {
        Assert.Equal("pve1", _host.Node);
        var alone = new FileTree { ["/proc/sys/kernel/hostname"] = "pve9.example.org\n" };
        Assert.Equal("pve9", new ProxmoxHost(alone, _clock).Node);
    }

    [Theory]
    [InlineData("install ok installed", "9.2.6")]
    [InlineData("deinstall ok config-files", null)]
    public void The_version_is_that_of_the_installed_package(string status, string? version)
    {
        _tree["/var/lib/dpkg/status"] =
            "Package: qemu-server-extra\nStatus: install ok installed\nVersion: 1\n\n"
            + $"Package: qemu-server\nStatus: {status}\nArchitecture: amd64\nVersion: 9.2.6\n\n"
            + "Package: zsh\nStatus: install ok installed\nVersion: 5\n";
        Assert.Equal(version, _host.QemuServerVersion);
    }

    [Fact]
    public void No_list_of_packages_means_no_version() => Assert.Null(_host.QemuServerVersion);

    [Fact]
    public void A_start_reads_the_own_node_and_an_incoming_migration_the_source()
    {
        Assert.Equal("here", Encoding.UTF8.GetString(_host.ReadConfig(s_vm, "")));
        Assert.Equal("there", Encoding.UTF8.GetString(_host.ReadConfig(new VmId(103), "pve2")));
        Assert.Equal([s_vm, new VmId(1001)], _host.GetVms());
        var failure = Assert.Throws<ObjectNotFoundException>(() => _host.ReadConfig(new VmId(103), null));
        Assert.Equal(ErrorIds.VmNotFound, failure.ErrorId);
    }

    [Fact]
    public void Without_the_clusters_link_the_nodes_own_folder_is_read()
    {
        _tree.DeleteTree("/etc/pve/qemu-server");
        Assert.Equal("here", Encoding.UTF8.GetString(_host.ReadConfig(s_vm, null)));
        Assert.Equal(2, _host.GetVms().Count);
    }

    [Theory]
    [InlineData("../../../../root")]
    [InlineData("pve 2")]
    [InlineData("pve2\n")]
    public void What_is_no_node_name_never_becomes_a_path(string node) =>
        Assert.Throws<InvalidRequestException>(() => _host.ReadConfig(s_vm, node));

    [Theory]
    [InlineData(Errno.EFBIG, typeof(UnreadableDataException))]
    [InlineData(Errno.EIO, typeof(UnreadableDataException))]
    [InlineData(Errno.EACCES, typeof(AccessDeniedException))]
    public void A_configuration_that_cannot_be_read_says_why(int errno, Type exception)
    {
        _tree.Fail("read", "/etc/pve/qemu-server/101.conf", errno);
        Assert.IsType(exception, Record.Exception(() => _host.ReadConfig(s_vm, null)));
    }

    [Fact]
    public void A_configuration_of_more_than_a_mebibyte_is_none()
    {
        _tree["/etc/pve/nodes/pve1/qemu-server/101.conf"] = new string('#', (1024 * 1024) + 1);
        Assert.Throws<UnreadableDataException>(() => _host.ReadConfig(s_vm, null));
    }

    [Theory]
    [InlineData("4711\n", "/usr/bin/kvm\0-id\0101\0-name\0x\0", true)]
    [InlineData("4711\n", "/usr/bin/kvm\0-pidfile\0/var/run/qemu-server/101.pid\0", true)]
    [InlineData("4711\n", "/usr/bin/kvm\0-id\01011\0", false)]
    [InlineData("4711\n", "/usr/bin/kvm\0-pidfile\0/var/run/qemu-server/1101.pid\0", false)]
    [InlineData("4711\n", "/bin/bash\0101\0", false)]
    [InlineData("4711\n", "", false)]
    [InlineData("4712\n", "/usr/bin/kvm\0-id\0101\0", false)]
    [InlineData("", "/usr/bin/kvm\0-id\0101\0", false)]
    public void Running_is_a_live_QEMU_of_that_VM(string pidFile, string commandLine, bool expected)
    {
        Assert.False(_host.IsRunning(s_vm));
        _tree["/run/qemu-server/101.pid"] = pidFile;
        _tree["/proc/4711/cmdline"] = commandLine;
        Assert.Equal(expected, _host.IsRunning(s_vm));
    }

    /// <summary>Anybody can wait for the number of a stale pid file, with arguments as QEMU has them.</summary>
    [Theory]
    [InlineData("Name:\tkvm\nUid:\t0\t0\t0\t0\n", true)]
    [InlineData("Name:\tkvm\nUid:\t1000\t1000\t1000\t1000\n", false)]
    public void Running_is_a_process_of_root(string status, bool expected)
    {
        _tree["/run/qemu-server/101.pid"] = "4711\n";
        _tree["/proc/4711/cmdline"] = "/usr/bin/kvm\0-id\0101\0";
        _tree["/proc/4711/status"] = status;
        Assert.Equal(expected, _host.IsRunning(s_vm));
    }

    [Theory]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 {0} 0 EOF\n", true)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 {0} 0 EOF\n", false, "Uid:\t0\t65534\t0\t0\n")]
    [InlineData("1: FLOCK  ADVISORY  READ 1234 {0} 0 EOF\n", false, "Name:\tflock\nUid:\t65534\t65534\t65534\t65534\n")]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1235 {0} 0 EOF\n", false)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 0 {0} 0 EOF\n", false)]
    [InlineData("1: FLOCK  ADVISORY  READ 77 {0} 0 EOF\n2: FLOCK  ADVISORY  READ 1234 {0} 0 EOF\n", true)]
    [InlineData("1: POSIX  ADVISORY  WRITE 1234 {0} 0 EOF\n", false)]
    [InlineData("1: -> FLOCK  ADVISORY  WRITE 1234 {0} 0 EOF\n", false)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 00:1b:1 0 EOF\n", false)]
    [InlineData("", false)]
    public void Locked_is_an_flock_of_root_on_that_file_in_the_kernels_list(
        string locks, bool expected, string status = "Name:\tpvedaemon\nUid:\t0\t0\t0\t0\n")
    {
        _tree["/proc/1234/status"] = status;
        _tree["/proc/77/status"] = "Uid:\t1000\t1000\t1000\t1000\n";
        _tree["/proc/locks"] = "1: FLOCK  ADVISORY  WRITE 9 00:05:77 0 EOF\n";
        Assert.False(_host.IsLocked(s_vm));
        _tree.Link("/var/lock", "/run/lock");
        _tree["/run/lock/qemu-server/lock-101.conf"] = "";
        var inode = _tree.GetInfo("/run/lock/qemu-server/lock-101.conf")!.Inode;
        _tree["/proc/locks"] = string.Format(null, locks, $"00:1a:{inode}");
        Assert.Equal(expected, _host.IsLocked(s_vm));
    }

    [Fact]
    public void Rebooting_is_Proxmoxs_own_flag()
    {
        Assert.False(_host.IsRebooting(s_vm));
        _tree["/run/qemu-server/101.reboot"] = "";
        Assert.True(_host.IsRebooting(s_vm));
    }

    [Fact]
    public void Reservations_count_while_their_time_or_their_QEMU_lives()
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        _tree["/proc/4711/cmdline"] = "/usr/bin/kvm\0-id\0102\0";
        _tree[Reservations] =
            $"0000:41:00.4 101 time:{now}\n0000:41:00.5 101 time:{now + 1}\n0000:41:00.6 102 pid:4711\n"
            + "0000:41:00.7 103 pid:4711\nnonsense\n";
        Assert.Equal(
            [(101, false), (101, true), (102, true), (103, false)],
            _host.GetReservations().Select(line => (line.Vm.Value, line.IsHeld)));
    }

    [Fact]
    public async Task A_function_is_reserved_in_Proxmoxs_own_form_and_released()
    {
        _tree[Reservations] = "0000:41:00.5 102 time:99999999999\n";
        Assert.Equal(s_function, await ReserveAsync());
        var end = _clock.GetUtcNow().ToUnixTimeSeconds() + 60;
        Assert.Equal($"0000:41:00.4 101 time:{end}\n0000:41:00.5 102 time:99999999999\n", _tree[Reservations]);
        Assert.Equal((Reservations, "mode 644"), _tree.Writes[^1]);
        await _host.UnreserveAsync(s_function, s_vm, TestContext.Current.CancellationToken);
        Assert.Equal("0000:41:00.5 102 time:99999999999\n", _tree[Reservations]);
        await _host.UnreserveAsync(
            PciAddress.Parse("0000:41:00.5"), s_vm, TestContext.Current.CancellationToken);
        Assert.Equal(2, _tree.Writes.Count);
    }

    [Fact]
    public async Task A_function_that_another_VM_holds_is_passed_over_and_an_orphan_is_taken()
    {
        _tree[Reservations] = "0000:41:00.4 102 time:99999999999\n";
        Assert.Null(await ReserveAsync());
        Assert.Equal("0000:41:00.4 102 time:99999999999\n", _tree[Reservations]);
        var next = PciAddress.Parse("0000:41:00.5");
        Assert.Equal(next, await _host.ReserveFirstAsync(
            [s_function, next], s_vm, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        _tree[Reservations] = "0000:41:00.4 102 pid:4711\n";
        Assert.Equal(s_function, await ReserveAsync());
        Assert.Contains("0000:41:00.4 101 time:", _tree[Reservations], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_are_renewed_but_not_those_of_another_VM_or_of_a_running_QEMU()
    {
        _tree["/proc/4711/cmdline"] = "/usr/bin/kvm\0-id\0103\0";
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        _tree[Reservations] =
            $"0000:41:00.4 101 time:{now + 10}\n0000:41:00.5 102 time:{now + 10}\n0000:41:00.6 103 pid:4711\n";
        var lost = await _host.RenewAsync(
            [.. new[] { (4, 101), (5, 101), (6, 103), (7, 101) }
                .Select(l => (PciAddress.Parse($"0000:41:00.{l.Item1}"), new VmId(l.Item2)))],
            TimeSpan.FromSeconds(600), TestContext.Current.CancellationToken);
        Assert.Equal(102, Assert.Single(lost).Vm.Value);
        Assert.Equal(
            $"0000:41:00.4 101 time:{now + 600}\n0000:41:00.5 102 time:{now + 10}\n0000:41:00.6 103 "
                + $"pid:4711\n0000:41:00.7 101 time:{now + 600}\n",
            _tree[Reservations]);
    }

    [Fact]
    public async Task The_lock_of_reservations_is_waited_for_five_seconds_and_two_to_release()
    {
        _tree.Hold(LockFile);
        await Assert.ThrowsAsync<ResourceBusyException>(ReserveAsync);
        Assert.Equal(5, _clock.Elapsed.TotalSeconds, 0.1);
        _tree[Reservations] = "0000:41:00.4 101 time:99999999999\n";
        await Assert.ThrowsAsync<ResourceBusyException>(
            () => _host.UnreserveAsync(s_function, s_vm, TestContext.Current.CancellationToken));
        Assert.Equal(7, _clock.Elapsed.TotalSeconds, 0.1);
        _clock.OnWait = () => _tree.Free(LockFile);
        await ReserveAsync();
    }

    [Fact]
    public async Task A_full_run_says_so()
    {
        _tree.Fail("write", Reservations, Errno.ENOSPC);
        var failure = await Assert.ThrowsAsync<HostNotReadyException>(ReserveAsync);
        Assert.Equal(ErrorIds.WriteFailed, failure.ErrorId);
        Assert.Contains("df -h /run", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.NotNull(_tree.TryLock(LockFile, 0));
    }

    private Task<PciAddress?> ReserveAsync() =>
        _host.ReserveFirstAsync([s_function], s_vm, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
}
