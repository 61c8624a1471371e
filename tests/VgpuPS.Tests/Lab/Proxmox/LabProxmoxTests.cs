using System.Text.Json.Nodes;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>What the recordings do not cover: locks, files below /run, backups, the ends of a stop.</summary>
public sealed class LabProxmoxTests
{
    private const string PidFile = "/run/qemu-server/100.pid";

    [Fact]
    public async Task Start_waits_ten_seconds_for_the_config_lock_and_gives_up()
    {
        var (machine, proxmox) = Make("vfio-fresh");
        var before = machine.Clock.GetUtcNow();
        using var held = machine.Files.TryLock("/run/lock/qemu-server/lock-100.conf", 0);

        var result = await proxmox.StartAsync(new VmId(100), null, Stop);

        Assert.Equal("can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout", result.Error);
        Assert.Equal(TimeSpan.FromSeconds(10), machine.Clock.GetUtcNow() - before);
        Assert.DoesNotContain("hook", Names(proxmox));
    }

    [Theory]
    [InlineData("vfio-fresh")]
    [InlineData("vfio-fresh-8.4")]
    public async Task Locks_are_free_again_after_a_life(string recording)
    {
        var (machine, proxmox) = Make(recording);

        await proxmox.StartAsync(new VmId(100), null, Stop);
        Assert.Equal("1000\n", machine.Flat.Text(PidFile));
        await proxmox.StopAsync(new VmId(100), Stop);

        Assert.Null(machine.Flat.Text(PidFile));
        Assert.False(machine.Flat.IsLocked("/run/lock/qemu-server/lock-100.conf"));
        Assert.False(machine.Flat.IsLocked("/run/qemu-server/pci-id-reservations.lock"));
    }

    // Source: facts/proxmox.md (b): pending changes are applied at a cold start, before pre-start.
    [Theory]
    [InlineData(
        "cores: 4\nhostpci0: c1:00.1\nmemory: 1024\nname: a\n[PENDING]\ncores: 8\ndelete: hostpci0,!memory name\n",
        "cores: 8\n")]
    [InlineData("#old text\ncores: 4\n[PENDING]\n#new text\ndelete: hostpci7\n", "#new text\ncores: 4\n")]
    [InlineData("#old text\ncores: 4\n[PENDING]\ndelete: description\n", "cores: 4\n")]
    [InlineData("cores: 4\n[PENDING]\n\n[snap]\ncores: 2\n", "cores: 4\n[PENDING]\n\n[snap]\ncores: 2\n")]
    public async Task What_is_pending_is_in_effect_before_the_hook_is_called(string before, string after)
    {
        const string Config = "/etc/pve/nodes/pve1/qemu-server/100.conf";
        var (machine, proxmox) = Make("vfio-fresh");
        machine.Flat.SetText(Config, before);

        var result = await proxmox.StartAsync(new VmId(100), null, Stop);

        Assert.True(result.Succeeded, result.Error);
        Assert.Equal(after, machine.Flat.Text(Config));
    }

    [Theory]
    [InlineData("vfio-fresh", "pre-start post-start pre-stop post-stop")]
    [InlineData("vfio-fresh-8.4", "pre-start post-start pre-stop")]
    public async Task Backup_of_a_stopped_vm_calls_the_hooks_and_leaves_it_unlocked(string recording, string phases)
    {
        var (machine, proxmox) = Make(recording);
        var before = machine.Flat.Text("/etc/pve/nodes/pve1/qemu-server/100.conf");

        var result = await proxmox.BackupStoppedAsync(new VmId(100), Stop);

        Assert.True(result.Succeeded, result.Error);
        Assert.Equal(phases, string.Join(' ', Phases(proxmox)));
        Assert.Equal(before, machine.Flat.Text("/etc/pve/nodes/pve1/qemu-server/100.conf"));
        Assert.Null(machine.GetQemuPid(new VmId(100)));
        var locked = Assert.IsType<string>((string?)Events(proxmox, "conf").First()["text"]);
        Assert.Contains("lock: backup\n", locked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cleanup_of_a_vm_that_was_started_again_fails_at_once_on_version_8()
    {
        var (_, proxmox) = Make("vfio-fresh-8.4");
        await proxmox.StartAsync(new VmId(100), null, Stop);
        await proxmox.StopAsync(new VmId(100), Stop);
        await proxmox.StartAsync(new VmId(100), null, Stop);

        var result = await proxmox.CleanupAsync(new VmId(100), true, false, Stop);

        Assert.Equal("vm still running", result.Error);
        Assert.DoesNotContain("post-stop", Phases(proxmox));
    }

    [Fact]
    public async Task File_left_by_an_upgrade_brings_the_old_clean_up_back()
    {
        var (machine, proxmox) = Make("vfio-fresh");
        machine.Flat.SetText("/run/qemu-server/force-legacy-cleanup", "");
        await proxmox.StartAsync(new VmId(100), null, Stop);
        await proxmox.StopAsync(new VmId(100), Stop);
        Assert.DoesNotContain("post-stop", Phases(proxmox));

        await proxmox.CleanupAsync(new VmId(100), true, false, Stop);

        Assert.Equal("post-stop", Phases(proxmox).Last());
    }

    [Fact]
    public async Task Failed_reboot_leaves_no_request_to_start_again()
    {
        var (machine, proxmox) = Make("life-shutdown-timeout");
        await proxmox.StartAsync(new VmId(100), null, Stop);

        var result = await proxmox.RebootAsync(new VmId(100), Stop);

        Assert.Equal("VM quit/powerdown failed - got timeout", result.Error);
        Assert.Null(machine.Flat.Text("/run/qemu-server/100.reboot"));
    }

    [Fact]
    public async Task Showcmd_of_version_9_touches_nothing()
    {
        var (machine, proxmox) = Make("vfio-fresh");

        var result = await proxmox.ShowCommandAsync(new VmId(100), Stop);

        Assert.Equal(
            ["-device", "vfio-pci,host=0000:41:00.5,id=hostpci0,bus=ich9-pcie-port-1,addr=0x0"], result.Output);
        Assert.Empty(machine.ChangedSysfs());
        Assert.Null(machine.Flat.Text("/run/qemu-server/pci-id-reservations"));
    }

    [Theory]
    [InlineData("memory: 1024\nhostpci0: 41:00.5\n", 120)]
    [InlineData("memory: 30720\nhostpci0: 41:00.5\n", 120)]
    [InlineData("memory: 65536\nhostpci0: 41:00.5\nnet0: virtio\nnet1: virtio\n", 266)]
    [InlineData("memory: 1024\nhostpci0: 41:00.5\nhugepages: 2\n", 150)]
    public async Task Start_time_out_grows_with_memory_and_devices(string conf, int seconds)
    {
        var (machine, proxmox) = Make("vfio-plain-vf");
        machine.Flat.SetText("/etc/pve/nodes/pve1/qemu-server/100.conf", conf);

        await proxmox.StartAsync(new VmId(100), null, Stop);

        var terms = Events(proxmox, "reserve").Select(reserve => (int?)reserve["seconds"]).OfType<int>();
        Assert.Equal([seconds], terms);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static (RecordedMachine Machine, LabProxmox Proxmox) Make(string name)
    {
        var recording = PveRecording.Load(name);
        var timeline = new LabTimeline();
        var machine = new RecordedMachine(recording, timeline);
        var options = new LabProxmoxOptions(recording.Node, recording.Generation, recording.IsLegacy);
        return (machine, new LabProxmox(machine, options, timeline));
    }

    private static IEnumerable<string?> Names(LabProxmox proxmox) =>
        proxmox.Timeline.Events.Select(entry => (string?)entry["event"]);

    private static IEnumerable<JsonObject> Events(LabProxmox proxmox, string name) =>
        proxmox.Timeline.Events.Where(entry => (string?)entry["event"] == name);

    private static IEnumerable<string?> Phases(LabProxmox proxmox) =>
        Events(proxmox, "hook").Select(hook => (string?)hook["phase"]);
}
