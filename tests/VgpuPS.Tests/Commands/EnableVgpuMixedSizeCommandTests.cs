using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class EnableVgpuMixedSizeCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Enable-VgpuMixedSize 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Enable-VgpuMixedSize 0000:4b", "0000:4b:00.0" } };

    protected override string Models => "L40S";

    protected override string Prepare => "Enable-Sriov 0";

    protected override string Line => "Enable-VgpuMixedSize 0";

    protected override string Plan => "sizes";

    protected override bool IsIdempotent => true;

    [Fact]
    public void A_GPU_that_cannot_is_refused()
    {
        Lab("T4");
        AssertRefused("Enable-VgpuMixedSize 0", "MixedSizesNotReady", ErrorCategory.NotEnabled);
    }

    [Fact]
    public void VGPUs_of_several_sizes_share_a_GPU_then()
    {
        Run("Enable-Sriov 0");
        Assert.True(One<GpuInfo>("Enable-VgpuMixedSize 0 -PassThru").MixedSizes);
        Run("New-Vgpu 0 L40S-8Q; New-Vgpu 0 L40S-4Q");
        Assert.Equal(["L40S-4Q", "L40S-8Q"], Values("(Get-Vgpu).VgpuType | Sort-Object"));
    }

    [Fact]
    public void A_vGPU_that_is_there_is_a_refusal()
    {
        Run("Enable-Sriov 0; New-Vgpu 0 L40S-8Q");
        Assert.Equal(ErrorCategory.ResourceBusy, Refusal("Enable-VgpuMixedSize 0").CategoryInfo.Category);
        Assert.False(One<GpuInfo>("Get-Gpu 0").MixedSizes);
    }
}
