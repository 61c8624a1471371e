using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuConfigurationCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuConfiguration -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VgpuConfiguration -Session l", "lab" } };

    protected override string Prepare => "";

    [Fact]
    public void Defaults_are_shown_where_there_is_no_file()
    {
        var row = One<VgpuConfigurationInfo>("Get-VgpuConfiguration");
        Assert.Equal(
            (false, "ensure", "never", "onStop", 60, 300, "", ""),
            (row.Exists, row.Sriov, row.MigMode, row.Reclaim, row.TimeoutSeconds, row.LockTimeoutSeconds, row.Digest,
                row.Text));
        Assert.Empty(row.Demand);
    }

    [Fact]
    public async Task All_members_are_shown_and_a_wrong_file_is_refused()
    {
        const string File = "/etc/vgpups/config.json";
        var node = await OpenLabAsync();
        node.Host.Put(File, """
            {"sriov":"never","demand":{"2g.12gb":0.5},"keepTypes":{"101":{"hostpci0":"nvidia-690"}},
            "chain":{"102":{"path":"/x","order":"before"}},"vgpuParameters":{"101":{"hostpci1":{"disable_vnc":1}}}}
            """);
        var row = One<VgpuConfigurationInfo>("Get-VgpuConfiguration");
        Assert.Equal(
            ("never", "2g.12gb=0.5", "101 hostpci0 nvidia-690", "102 /x before", "101 hostpci1 disable_vnc=1"),
            (row.Sriov, $"{row.Demand}", $"{row.KeepTypes}", $"{row.Chain}", $"{row.VgpuParameters}"));
        Assert.Equal(64, row.Digest.Length);
        node.Host.Put(File, """{"sriow":"never"}""");
        AssertRefused(
            "Get-VgpuConfiguration", "UnreadableData", ErrorCategory.InvalidData, "the nearest is 'sriov'");
    }
}
