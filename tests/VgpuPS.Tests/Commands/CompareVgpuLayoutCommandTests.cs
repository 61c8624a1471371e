using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class CompareVgpuLayoutCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Compare-VgpuLayout ./none.json", "LayoutNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Compare-VgpuLayout -Session l", "lab" } };

    protected override string Prepare => "Export-VgpuLayout -Save";

    [Fact]
    public void A_host_without_a_layout_is_refused() =>
        AssertRefused("Compare-VgpuLayout", "LayoutNotFound", ErrorCategory.ObjectNotFound);

    [Fact]
    public void The_way_from_what_is_there_to_what_should_be_is_shown()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb; Export-VgpuLayout -Save");
        Assert.True(One<LayoutComparisonInfo>("Compare-VgpuLayout").Passed);
        Run("Get-MigInstance | Remove-MigInstance -Confirm:$false; New-MigInstance 0 -Profile 1g.6gb");
        var comparison = One<LayoutComparisonInfo>("Compare-VgpuLayout");
        Assert.False(comparison.Passed);
        Assert.Contains("1g.6gb", string.Join('\n', comparison.Losses), StringComparison.Ordinal);
        Assert.Contains("create GPU instance 2g.12gb", string.Join('\n', comparison.Steps), StringComparison.Ordinal);
    }
}
