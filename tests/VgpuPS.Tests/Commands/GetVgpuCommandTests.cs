using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-Vgpu 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-Vgpu -Function 0000:99:00.4", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-Vgpu -Type A30-8", "A30-8C" } };

    protected override string Prepare => "Enable-Sriov 0; New-Vgpu 0 A30-8C; Add-VmVgpu 101 A30-8C; Start-LabVm 101";

    [Fact]
    public void Type_function_and_VM_are_joined()
    {
        Run(Prepare);
        var vgpu = One<VgpuInfo>("Get-Vgpu -VmId 101");
        Assert.Equal(("A30-8C", true, 101), (vgpu.VgpuType, vgpu.IsRunning, vgpu.VmId));
        Assert.Null(One<VgpuInfo>("Get-Vgpu | Where-Object IsRunning -EQ $false").VmId);
        Assert.Equal(2, Values("Get-Vgpu -Type A30-8C").Length);
        Assert.Empty(Values("Get-Vgpu -Type A30-6C"));
    }
}
