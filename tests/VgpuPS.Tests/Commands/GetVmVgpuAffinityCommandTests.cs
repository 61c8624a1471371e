using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVmVgpuAffinityCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VmVgpuAffinity 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VmVgpuAffinity -VmId we", "101" } };

    protected override string Prepare => "Add-VmVgpu 101 A30-6C; Set-VmVgpuAffinity 101 -Memory Preferred";

    protected override string Line => "Get-VmVgpuAffinity";

    [Fact]
    public void It_says_where_GPU_and_VM_are()
    {
        Run(Prepare);
        var row = One<VmVgpuAffinityInfo>("Get-VmVgpuAffinity web");
        Assert.Equal(("1", "Near", "Preferred"), (row.Affinity![..1], row.Verdict, row.Memory));
        Assert.Null(row.RunningCpus);
        Assert.Contains("Preferred 0", Show("Get-VmVgpuAffinity web", 120), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_said_and_hides_no_VM()
    {
        var node = await OpenLabAsync();
        Run(Prepare);
        node.Host.Put("/etc/vgpups/config.json", "{ no JSON");
        var read = Try("Get-VmVgpuAffinity");
        Assert.Empty(read.Errors);
        Assert.Equal(101, Assert.Single(read.Output).Properties["VmId"].Value);
        Assert.Contains("config.json", Assert.Single(read.Warnings), StringComparison.Ordinal);
    }
}
