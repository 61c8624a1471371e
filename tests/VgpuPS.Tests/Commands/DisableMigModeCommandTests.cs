using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class DisableMigModeCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Disable-MigMode 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Disable-MigMode 0000:4b", "0000:4b:00.0" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset";

    protected override string Line => "Disable-MigMode 0 -Reset";

    protected override string Plan => "disable MIG mode";

    protected override bool IsHigh => true;

    protected override bool IsIdempotent => true;

    [Fact]
    public void Instances_are_a_refusal_and_Force_takes_them_along()
    {
        Lab("H100-PCIe");
        Run("Enable-MigMode 0; New-MigInstance 0 -Profile 1g.10gb -Count 2");
        var failure = Refusal("Disable-MigMode 0 -Confirm:$false");
        Assert.StartsWith("WouldDestroy,", failure.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("1g.10gb", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.True(One<bool>("(Get-Gpu 0).MigCurrent"));
        Run("Disable-MigMode 0 -Force -Confirm:$false");
        Assert.False(One<bool>("(Get-Gpu 0).MigCurrent"));
    }

    [Fact]
    public void GPUs_go_from_the_pipeline_back_to_their_own_host()
    {
        Lab("H100-PCIe");
        Run("Connect-VgpuHost -Lab H100-PCIe -Name other; Get-Gpu | Enable-MigMode");
        Run("Get-Gpu -Session other | Disable-MigMode -Confirm:$false");
        Assert.Equal([true, false], Values("(Get-Gpu | Sort-Object VgpuHost).MigCurrent"));
    }
}
