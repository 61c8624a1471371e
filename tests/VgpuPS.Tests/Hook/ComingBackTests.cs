using VgpuPS.Core.Claims;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.State;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>A VM that is about to come back finds its room, for five minutes of the hook's clock.</summary>
/// <remarks>Source: facts/proxmox.md (a): qm reboot, backup, rollback.</remarks>
public sealed class ComingBackTests
{
    // Both VMs want the whole GPU.
    private const string Whole = "mdev=nvidia-691";

    public static TheoryData<string, LabBackend, string, bool> Locks { get; } = new(
        from row in Situation.Hosts
        from value in (string[])["backup", "rollback"]
        from isSwept in (bool[])[false, true]
        select (row.Data.Item1, row.Data.Item2, value, isSwept));

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_reboot_keeps_the_capacity_until_the_VM_runs_again(string pve, LabBackend backend)
    {
        var s = Two(pve, backend);
        s.Starts(101);
        var running = s.Node.Snapshot();
        Assert.Null(s.Reboots(101));
        Assert.False(s.IsRunning(101));
        Assert.NotNull(s.Node.Start(102).Error);
        var said = s.Said;
        Assert.Contains(
            "4g.24gb at 0:4 (kept for VM 101); pending allocations: VM 101", said, StringComparison.Ordinal);
        Assert.Contains("do: wait until VM 101 has started", said, StringComparison.Ordinal);
        Assert.DoesNotContain("-dgi", said, StringComparison.Ordinal);
        s.CleansUp(101);
        Assert.True(s.IsRunning(101), s.Said);
        s.Is(running);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_reboot_that_never_ends_gives_its_capacity_up_after_five_minutes(string pve, LabBackend backend)
    {
        var s = Two(pve, backend);
        var before = s.Node.Snapshot();
        s.Starts(101);
        Assert.Null(s.Reboots(101));
        s.Sweeps();
        s.Waits(4.9);
        s.Sweeps();
        Assert.Equal(ClaimState.Held, Assert.Single(s.Claims.Claims).State);
        s.Waits(0.2);
        s.Sweeps();
        s.Is(before);
        s.Starts(102);
    }

    /// <summary>8.4 may lose the post-stop: then the next sweep keeps the room.</summary>
    [Theory]
    [MemberData(nameof(Locks))]
    public void A_VM_stopped_under_such_a_lock_finds_its_capacity_again(
        string pve, LabBackend backend, string value, bool isSwept)
    {
        var s = Two(pve, backend);
        s.Starts(101);
        var running = s.Node.Snapshot();
        s.SetLock(101, value);
        s.Kills(101);
        Assert.True(isSwept ? s.Node.Hook("sweep").Succeeded : s.Node.Hook("101", "post-stop").Succeeded);
        s.Refuses(102, "pending allocations: VM 101");
        s.SetLock(101, null);
        s.Starts(101);
        s.Is(running);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("migrate")]
    [InlineData("snapshot")]
    public void No_other_lock_keeps_capacity(string? value)
    {
        var s = Two("9.2", LabBackend.Vfio);
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.SetLock(101, value);
        s.Kills(101);
        Assert.True(s.Node.Hook("101", "post-stop").Succeeded);
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void The_backup_of_a_stopped_VM_releases_its_capacity_five_minutes_later(string pve, LabBackend backend)
    {
        var s = Two(pve, backend);
        var before = s.Node.Snapshot();
        Assert.Null(s.BacksUp(101));
        s.CleansUp(101);
        if (pve == "9.2")
        {
            s.Refuses(102, "pending allocations: VM 101");
            s.Host.Clock.SetWallClock(s.Host.Clock.GetUtcNow() + TimeSpan.FromDays(1));
            s.Sweeps();
            Assert.NotEmpty(s.Claims.Claims);
        }

        s.Waits(5.1);
        s.Sweeps();
        s.Is(before);
        s.Starts(102);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_backup_that_cannot_start_its_VM_leaves_nothing(string pve, LabBackend backend)
    {
        var s = Two(pve, backend);
        var before = s.Node.Snapshot();
        s.Host.Gate.Fail("run /usr/bin/kvm", 1);
        Assert.NotNull(s.BacksUp(101));
        s.Sweeps();
        s.Is(before);
    }

    /// <summary>A file in /run that outlived a restart counts from a clock that does not exist any more.</summary>
    [Fact]
    public void A_time_of_an_earlier_boot_keeps_no_capacity()
    {
        var s = Two("9.2", LabBackend.Vfio);
        ClaimStoreFile claims = s.Node.Connect(_ => { }).Claims;
        claims.Save(ClaimFile.Empty with
        {
            Claims = [new VgpuClaim(
                new VmId(101), 0, new VgpuTypeId(691), ClaimState.Held, [], null, null, false, long.MaxValue / 2)],
        });
        s.Sweeps();
        Assert.Empty(s.Claims.Claims);
    }

    /// <summary>With the cluster file system down nothing says that the VM comes back, and nothing keeps its
    /// device.</summary>
    [Fact]
    public void A_configuration_that_cannot_be_read_keeps_nothing()
    {
        var s = Two("9.2", LabBackend.Vfio);
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Kills(101);
        s.Host.Gate.Fail("read /etc/pve/*", 107, times: 9);
        var stopped = s.Node.Hook("101", "post-stop");
        s.Host.Gate.Clear();
        Assert.True(stopped.Succeeded, stopped.Error);
        s.Is(before);
    }

    private static Situation Two(string pve, LabBackend backend) => Situation.Of(pve, backend)
        .Vm(101, $"0={Situation.First},{Whole}").Vm(102, $"0={Situation.Second},{Whole}");
}
