using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RemoveVgpuCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Remove-Vgpu 0000:4b:00.5", "VgpuNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-Vgpu", "MissingParameter", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new() { { "Remove-Vgpu 0000:4b", "0000:4b:00.4" } };

    protected override string Prepare => "Enable-Sriov 0; New-Vgpu 0 A30-8C";

    protected override string Line => "Remove-Vgpu 0000:4b:00.4";

    protected override string Plan => "A30-8C";

    protected override bool IsHigh => true;

    [Theory]
    [InlineData("9.2")]
    [InlineData("8.4")]
    public void What_is_piped_in_goes(string release)
    {
        Lab(options: "-PveVersion " + release);
        Run("Enable-Sriov 0; New-Vgpu 0 A30-8C; Get-Vgpu | Remove-Vgpu -Confirm:$false");
        Assert.Empty(Values("Get-Vgpu"));
    }

    [Theory]
    [InlineData("9.2")]
    [InlineData("8.4")]
    public void One_that_a_VM_runs_stays(string release)
    {
        Lab(options: "-PveVersion " + release);
        Run("Enable-Sriov 0; Add-VmVgpu 101 -Type A30-8C; Start-LabVm 101");
        Assert.Equal(
            ErrorCategory.ResourceBusy, Refusal("Get-Vgpu | Remove-Vgpu -Confirm:$false").CategoryInfo.Category);
        Assert.True(One<bool>("(Get-Vgpu).IsRunning"));
    }
}
