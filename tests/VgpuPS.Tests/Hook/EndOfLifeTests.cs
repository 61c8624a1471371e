using VgpuPS.Core.Claims;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Every way in which a VM ends, whatever becomes of its post-stop.</summary>
/// <remarks>Source: facts/proxmox.md (a), order inside a stop and special situations.</remarks>
public sealed class EndOfLifeTests
{
    private static readonly (string Name, Action<Situation> End)[] s_ends =
    [
        ("stop", s => s.Stops(101)),
        ("stop twice", s =>
        {
            s.Stops(101);
            s.Stops(101);
        }),
        ("shutdown", s =>
        {
            Assert.Null(s.Run(101, (p, id) => p.ShutdownAsync(id)));
            s.CleansUp(101);
        }),
        ("guest powers off", s =>
        {
            Assert.Null(s.Run(101, (p, id) => p.PowerOffVmAsync(id)));
            s.CleansUp(101, guest: true);
        }),
        ("crash", s =>
        {
            s.Kills(101);
            s.CleansUp(101, clean: false);
        }),
        ("kill without qmeventd", s =>
        {
            s.Kills(101);
            s.Sweeps();
            s.Sweeps();
        }),
        ("post-stop twice", s =>
        {
            s.Stops(101);
            Assert.True(s.Node.Hook("101", "post-stop").Succeeded);
        }),
        ("sweep before the late post-stop", s =>
        {
            s.Kills(101);
            s.Sweeps();
            s.CleansUp(101, clean: false);
        }),
    ];

    public static TheoryData<string, LabBackend, string, string> Ends { get; } = new(
        from row in Situation.Hosts
        from end in s_ends
        from device in (string[])[$"{Situation.First},mdev=nvidia-689", "mapping=gpus,mdev=nvidia-690"]
        select (row.Data.Item1, row.Data.Item2, end.Name, device));

    [Theory]
    [MemberData(nameof(Ends))]
    public void Whatever_ends_a_VM_all_that_was_made_for_it_is_released(
        string pve, LabBackend backend, string end, string device)
    {
        var s = Mapped(pve, backend).Vm(101, $"0={device}");
        var before = s.Node.Snapshot();
        s.Starts(101);
        Assert.All(s.Claims.Claims, c => Assert.Equal(ClaimState.Live, c.State));
        s_ends.First(e => e.Name == end).End(s);
        s.Is(before);
    }

    /// <summary>8.4: the post-stop of the stop comes when the VM runs again, and dies; after kill -9 it never
    /// comes.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_VM_started_again_at_once_runs_as_before_and_its_late_post_stop_does_no_harm(
        string pve, LabBackend backend)
    {
        var s = Mapped(pve, backend).Vm(101, "0=mapping=gpus,mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        var running = s.Node.Snapshot();
        foreach (var isKilled in (bool[])[false, true])
        {
            if (isKilled)
            {
                s.Kills(101);
            }
            else
            {
                Assert.Null(s.Node.Stop(101).Error);
            }

            s.Starts(101);
            _ = s.Cleanup(101);
            Assert.Contains("runs again", s.Node.Hook("101", "post-stop").Output, StringComparison.Ordinal);
            s.Is(running);
        }

        s.Stops(101);
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_node_that_was_restarted_serves_its_VMs_again(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        var running = s.Node.Snapshot();
        s.Host.Reboot();
        Assert.Empty(s.Claims.Claims);
        s.Sweeps();
        s.Starts(101);
        s.Is(running);
        s.Stops(101);
        s.Is(before);
    }

    [Fact]
    public void Unknown_phases_and_pre_stop_do_nothing()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Starts(101);
        var running = s.Node.Snapshot();
        Assert.Equal(0, s.Node.Hook("101", "pre-stop").ExitCode);
        var unknown = s.Node.Hook("101", "pre-dawn");
        Assert.Equal(0, unknown.ExitCode);
        Assert.Contains("nothing to do in phase pre-dawn", unknown.Output, StringComparison.Ordinal);
        s.Is(running);
    }

    private static Situation Mapped(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        return s;
    }
}
