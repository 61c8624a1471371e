using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetSriovFunctionCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-SriovFunction 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-SriovFunction -Function 0000:4b:09.0", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-SriovFunction -Function 0000:4b:00.5", "0000:4b:00.5" },
        { "Get-SriovFunction 0000:4b", "0000:4b:00.0" },
    };

    protected override string Prepare => "Enable-Sriov 0";

    [Fact]
    public void Those_that_are_free_are_shown()
    {
        Run("Enable-Sriov 0; New-Vgpu 0 A30-8C");
        Assert.Equal(16, Values("Get-SriovFunction").Length);
        var free = Values("(Get-SriovFunction -Free).FunctionAddress");
        Assert.Equal(15, free.Length);
        Assert.DoesNotContain("0000:4b:00.4", free);
    }

    [Fact]
    public void Those_of_a_type_are_shown_and_a_GPU_without_functions_is_silent()
    {
        Run("Enable-Sriov 0; New-Vgpu 0 A30-8C");
        Assert.Equal(
            ["0000:4b:00.4"], Values("(Get-SriovFunction -Type A30-8C | Where-Object VgpuType).FunctionAddress"));
        Assert.Empty(Values("Get-SriovFunction 1"));
    }
}
