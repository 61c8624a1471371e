using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class TestVgpuLayoutCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-VgpuLayout ./none.json", "LayoutNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Test-VgpuLayout -Session l", "lab" } };

    protected override string Prepare => "Export-VgpuLayout -Save";

    [Fact]
    public void A_host_without_a_layout_is_refused() =>
        AssertRefused("Test-VgpuLayout", "LayoutNotFound", ErrorCategory.ObjectNotFound);

    [Fact]
    public void Whether_the_host_is_what_a_layout_says_is_said()
    {
        var path = PathOf("layout.json");
        File.WriteAllText(path,
            """{"version":1,"gpus":[{"gpu":"*A30*","sriov":true,"mig":true,"instances":[{"profile":"2g.12gb"}]}]}""");
        Assert.False(One<LayoutComparisonInfo>($"Test-VgpuLayout '{path}'").Passed);
        Run($"Sync-VgpuLayout '{path}'");
        Assert.True(One<bool>($"Test-VgpuLayout '{path}' -Quiet"));
    }
}
