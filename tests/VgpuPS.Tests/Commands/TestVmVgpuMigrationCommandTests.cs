using System.Management.Automation;
using VgpuPS.Core.Migration;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Sessions;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class TestVmVgpuMigrationCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-VmVgpuMigration 4711 -Target n2", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Test-VmVgpuMigration 101 -Target lab", "TargetIsSource", ErrorCategory.InvalidArgument },
        { "Test-VmVgpuMigration 101 -Target n9", "NodeNotFound", ErrorCategory.ObjectNotFound },
        { "Test-VmVgpuMigration 101 -Target n3", "SessionNotFound", ErrorCategory.ObjectNotFound },
        { "Test-VmVgpuMigration 900 -Target n2", "VmIsTemplate", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Test-VmVgpuMigration we", "101" },
        { "Test-VmVgpuMigration 101 -Target n", "n2" },
    };

    protected override string Prepare => "Disconnect-VgpuHost lab; "
        + "'lab','n2','n3' | ForEach-Object { $null = Connect-VgpuHost -Lab A30 -Cluster c -Name $_ }; "
        + "Disconnect-VgpuHost n3; Enable-Sriov 0 -Session lab; Add-VmVgpu 101 A30-6C -Session lab";

    protected override string Line => "Test-VmVgpuMigration 101 -Target n2";

    [Fact]
    public void A_row_for_each_rule_and_the_sum_say_what_keeps_the_VM()
    {
        Run(Prepare);
        var rows = Values(Line).Cast<VmVgpuMigrationInfo>().ToList();
        Assert.Equal(MigrationRules.Checks.Append("Migration"), rows.Select(r => r.Check));
        Assert.Equal(("lab", "n2", 101, "web"), (rows[0].Source, rows[0].Target, rows[0].VmId, rows[0].VmName));
        Assert.Contains("-Mapping", rows.Single(r => r.Check == "LocalDevice").RecommendedAction!,
            StringComparison.Ordinal);
        Assert.False(One<bool>(Line + " -Quiet"));
        Assert.False(One<bool>("Test-VmVgpuMigration 101 -Target n9 -Quiet -ErrorAction Ignore"));
    }

    [Fact]
    public async Task A_VM_that_may_go_passes()
    {
        await HostSessions.RemoveAllAsync();
        var lab = new LabClusters("9.2", ["A30"], ["A30"]);
        foreach (var node in lab.Nodes)
        {
            await HostSessions.AddAsync(node.Host.State.Setup.Node, "lab", name => Task.FromResult<IHostSession>(
                new LabHostSession(name, node)));
        }

        lab.Map("gpu", true, (0, "0000:4b:00.4"), (1, lab[1].State.Gpus[0].Address[..^1] + "4"));
        lab.Ok(0, "/usr/sbin/qm", "set", "101", "--hostpci0", "mapping=gpu,mdev=nvidia-685");
        Run("Start-VgpuVm 101 -Session pve1");
        Assert.True(One<bool>("101 | Test-VmVgpuMigration -Target pve2 -Quiet"));
        Assert.Contains(
            "can be migrated live", One<VmVgpuMigrationInfo>("(Test-VmVgpuMigration web -Target pve2)[-1]").Reason,
            StringComparison.Ordinal);
        lab[1].StopNode();
        Assert.Equal("NoQuorum", RefusalId("Test-VmVgpuMigration 101 -Target pve2 -Session pve1"));
    }
}
