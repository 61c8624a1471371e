using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class NewVgpuCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "New-Vgpu 0 A100-10C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "New-Vgpu 0 A30-2-12C", "MigModeMismatch", ErrorCategory.NotEnabled },
        { "New-Vgpu 1 A30-8C", "SriovNotReady", ErrorCategory.NotEnabled },
        { "New-Vgpu 9 A30-8C", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "New-Vgpu 0 A30-8", "A30-8C" },
        { "New-Vgpu -Function 0000:4b:00.5", "0000:4b:00.5" },
    };

    protected override string Prepare => "Enable-Sriov 0";

    protected override string Line => "New-Vgpu 0 A30-8C";

    protected override string Plan => "A30-8C";

    [Theory]
    [InlineData("9.2", "vendorVfio")]
    [InlineData("8.4", "mdev")]
    public void One_is_made_on_the_first_free_function(string release, string backend)
    {
        Lab(options: "-PveVersion " + release);
        Run("Enable-Sriov 0");
        Assert.Equal(backend, One<GpuInfo>("Get-Gpu 0").Backend);
        var vgpu = One<VgpuInfo>("New-Vgpu -Gpu 0 -Type A30-8C -PassThru");
        Assert.Equal(("A30-8C", false, backend == "mdev"), (vgpu.VgpuType, vgpu.IsRunning, vgpu.MdevUuid is not null));
        Assert.Equal(
            [vgpu.FunctionAddress], Values("(Get-SriovFunction -Type A30-8C | Where-Object VgpuType).FunctionAddress"));
    }

    [Theory]
    [InlineData("9.2")]
    [InlineData("8.4")]
    public void A_function_is_taken_from_the_pipeline(string release)
    {
        Lab(options: "-PveVersion " + release);
        Run("Enable-Sriov 0; $made = Get-SriovFunction -Free | Select-Object -Last 1 | New-Vgpu -Type A30-8C "
            + "-PassThru");
        Assert.True(One<bool>("$made.FunctionAddress -eq (Get-SriovFunction)[-1].FunctionAddress"));
    }
}
