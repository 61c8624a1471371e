using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Live migration: the target's configuration is still with the source, and the source calls no
/// hook.</summary>
/// <remarks>Source: facts/proxmox.md (a) live migration; recordings life-migration-*.</remarks>
public sealed class MigrationTests
{
    private const string Other = "pve2";

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void The_target_of_a_migration_gets_its_vGPU_and_releases_it(string pve, LabBackend backend)
    {
        var s = Incoming(pve, backend);
        var before = s.Node.Snapshot();
        Assert.Null(s.StartFrom(101, Other));
        Assert.NotNull(Assert.Single(s.Gpu().Vgpus).Holder);
        s.Sweeps();
        Assert.Single(s.Claims.Claims);

        s.MoveConfig(101, Other, "pve1");
        s.SetLock(101, null);
        s.Sweeps();
        Assert.Single(s.Gpu().Instances);
        s.Stops(101);
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_migration_that_failed_leaves_nothing_on_its_target(string pve, LabBackend backend)
    {
        var s = Incoming(pve, backend);
        var before = s.Node.Snapshot();
        Assert.Null(s.StartFrom(101, Other));
        Assert.Null(s.Run(101, (p, id) => p.StopMigratedFromAsync(id, Other, default)));
        if (pve == "8.4")
        {
            // No hook there: the configuration is on the other node.
            s.Sweeps();
        }

        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void The_source_of_a_migration_is_swept_and_serves_the_VM_when_it_comes_back(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        var running = s.Node.Snapshot();
        _ = s.Said;
        Assert.Null(s.MoveAway(101, Other));
        Assert.Empty(s.Said);
        Assert.Single(s.Gpu().Instances);

        // Back before any sweep: what is left of the first life is used or cleared, never added to.
        Assert.Null(s.StartFrom(101, Other));
        s.Is(running);
        s.MoveConfig(101, Other, "pve1");
        Assert.Null(s.MoveAway(101, Other));
        s.Sweeps();
        s.Is(before);
    }

    [Theory]
    [InlineData("../../../tmp/x")]
    [InlineData("pve2/../pve3")]
    [InlineData("a b")]
    [InlineData("..")]
    public void A_source_that_is_no_name_of_a_node_is_no_path(string source)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        var result = s.HookFrom(source, "101", "pre-start");
        Assert.Equal(64, result.ExitCode);
        Assert.Contains("is not a name of a node", result.Error, StringComparison.Ordinal);
        s.Is(before);
    }

    private static Situation Incoming(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.SetLock(101, "migrate");
        s.MoveConfig(101, "pve1", Other);
        return s;
    }
}
