using VgpuPS.Core.Boot;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary><c>vgpu-hook boot</c>: what was on the GPUs is there again after a reboot, whatever comes late.</summary>
public sealed class BootTests
{
    private readonly BootNode _host = new();

    [Fact]
    public void Layout_is_restored_and_a_second_run_changes_nothing()
    {
        _host.Node.Host.Reboot();
        var first = _host.Boots(0);
        _host.IsRestored();
        Assert.Contains(BootNode.Want + ": matches the layout, after 3 steps", first.Output, StringComparison.Ordinal);
        Assert.Equal((BootStatus.Done, BootGpuStatus.Restored), (_host.Status.State, _host.Status.Gpus[0].Outcome));
        Assert.Contains(
            "create GPU instance 2g.12gb", string.Join('\n', _host.Status.Gpus[0].Steps), StringComparison.Ordinal);
        var before = _host.Node.Snapshot();
        var changes = _host.Gpus();
        _host.Boots(0);
        Assert.Equal((before, changes), (_host.Node.Snapshot(), _host.Gpus()));
        Assert.All(_host.Status.Gpus, gpu => Assert.Equal(BootGpuStatus.Unchanged, gpu.Outcome));
    }

    [Fact]
    public void Slow_boot_is_waited_for_as_long_as_it_takes()
    {
        _host.Node.Host.Reboot(LabBootSetup.Slow());
        _host.Boots(0);
        _host.IsRestored();
        Assert.InRange(_host.Status.Seconds, 13.5, 16);
    }

    [Fact]
    public void Late_GPU_is_waited_for()
    {
        var boot = new LabBootSetup();
        boot.GpusAfterMs[LabNodes.OtherGpu] = 40_000;
        _host.Node.Host.Reboot(boot);
        _host.Boots(0);
        _host.IsRestored();
        Assert.InRange(_host.Status.Seconds, 40, 43);
    }

    [Fact]
    public void Host_without_these_units_is_noted_and_served()
    {
        _host.Node.Host.Reboot(new LabBootSetup { Units = [] });
        Assert.Contains(
            "this host has no unit nvidia-vgpu-mgr.service", _host.Boots(0).Output, StringComparison.Ordinal);
        _host.IsRestored();
    }

    [Fact]
    public void Unit_of_Proxmox_that_enables_functions_is_left_to_end_first()
    {
        var boot = new LabBootSetup();
        boot.Units.Add(new()
        {
            Name = "pve-nvidia-sriov@ALL.service",
            StartAfterMs = 0,
            RunsForMs = 9_000,
            IsOneshot = true,
            Functions = "ALL",
        });
        _host.Node.Host.Reboot(boot);
        _host.Boots(0);
        _host.IsRestored();
        Assert.InRange(_host.Status.Seconds, 9, 11);
        Assert.DoesNotContain(_host.Node.Host.State.Units, u => u.ActiveState == "failed");
        Assert.DoesNotContain(
            _host.Status.Gpus.SelectMany(g => g.Steps), s => s.Contains("functions", StringComparison.Ordinal));
    }

    [Fact]
    public void GPU_that_is_busy_for_a_while_is_tried_again()
    {
        _host.Node.Host.Reboot();
        _host.Node.Host.Edit(
            s => s.Programs.Add(new LabProgram { Pid = 812, Name = "nvidia-smi", Gpus = [LabNodes.Gpu] }));
        using var later = _host.Node.Host.Clock.CreateTimer(
            _ => _host.Node.Host.Edit(s => s.Programs.Clear()), null, TimeSpan.FromSeconds(50),
            Timeout.InfiniteTimeSpan);
        var result = _host.Boots(0);
        Assert.Contains($"warning: {BootNode.Want} is busy, retried", result.Error, StringComparison.Ordinal);
        _host.IsRestored();
    }

    /// <summary>Ampere says of a held GPU that the mode is pending, and a reset fails while it is held.</summary>
    [Fact]
    public void GPU_that_cannot_be_reset_for_a_while_is_tried_again()
    {
        _host.Node.Host.Edit(s => s.Gpus[0].MigCurrent = s.Gpus[0].MigPending = false);
        _host.Node.Host.Reboot();
        _host.Node.Host.Edit(
            s => s.Programs.Add(new LabProgram { Pid = 812, Name = "nvidia-smi", Gpus = [LabNodes.Gpu] }));
        using var later = _host.Node.Host.Clock.CreateTimer(
            _ => _host.Node.Host.Edit(s => s.Programs.Clear()), null, TimeSpan.FromSeconds(50),
            Timeout.InfiniteTimeSpan);
        var result = _host.Boots(0);
        Assert.Contains($"warning: {BootNode.Want} is busy, retried", result.Error, StringComparison.Ordinal);
        Assert.Contains("nvidia-smi --gpu-reset", result.Error, StringComparison.Ordinal);
        _host.IsRestored();
    }

    [Fact]
    public void Layout_in_use_is_left_alone_and_a_change_of_it_is_refused()
    {
        _host.Node.Host.Reboot();
        _host.Boots(0);
        _host.Node.CreateVm(new VmId(101), "0=0000:4b:00.4,mdev=nvidia-690");
        Assert.Null(_host.Node.Start(101).Error);
        var before = _host.Node.Snapshot();
        _host.Boots(0);
        Assert.Equal(before, _host.Node.Snapshot());
        _host.PutLayout(BootNode.Layout.Replace("2g.12gb", "1g.6gb", StringComparison.Ordinal));
        BootNode.Says(_host.Boots(75), $"boot, {BootNode.Want}: ", "VM 101", "qm shutdown 101");
        Assert.Equal(before, _host.Node.Snapshot());
        Assert.True(_host.Status.Seconds < 1);
    }

    [Fact]
    public void Host_without_a_layout_has_nothing_to_restore_and_is_not_waited_for()
    {
        _host.Node.Host.Files.Delete("/etc/vgpups/layout.json");
        _host.Node.Host.Reboot(new LabBootSetup { DriverAfterMs = 10_000_000 });
        Assert.Contains("there is no layout file", _host.Boots(0).Output, StringComparison.Ordinal);
        Assert.Equal((BootStatus.Done, 0.0), (_host.Status.State, _host.Status.Seconds));
    }

    [Fact]
    public void Kill_at_any_change_of_the_host_leaves_what_the_next_run_finishes()
    {
        _host.Node.Host.Reboot();
        _host.Boots(0);
        var wanted = _host.Node.Snapshot();
        foreach (var call in FindMoments())
        {
            _host.Node.Host.Reboot();
            _host.Node.Host.Gate.CrashBefore(call, "hook boot");
            Assert.Equal(9, _host.Node.Hook("boot").Signal);
            Assert.Contains(_host.Status?.State, new[] { null, BootStatus.Running, BootStatus.Done });
            _host.Boots(0);
            Assert.Equal(wanted, _host.Node.Snapshot());
        }
    }

    private List<int> FindMoments()
    {
        _host.Node.Host.Reboot();
        var moments = new List<int>();
        var calls = 0;
        long seen = -1;
        _host.Node.Host.Gate.Passing = (_, actor) =>
        {
            if (actor == "hook boot" && calls++ >= 0 && _host.Node.Host.ChangeCount != seen)
            {
                seen = _host.Node.Host.ChangeCount;
                moments.Add(calls);
            }
        };
        _host.Boots(0);
        _host.Node.Host.Gate.Passing = null;
        Assert.True(moments.Count > 20);
        return moments;
    }
}
