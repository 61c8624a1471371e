using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class DisableVgpuMixedSizeCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Disable-VgpuMixedSize 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Disable-VgpuMixedSize 0000:4b", "0000:4b:00.0" } };

    protected override string Models => "L40S";

    protected override string Prepare => "Enable-Sriov 0; Enable-VgpuMixedSize 0";

    protected override string Line => "Disable-VgpuMixedSize 0";

    protected override string Plan => "sizes";

    protected override bool IsIdempotent => true;

    [Fact]
    public void A_vGPU_that_is_there_is_a_refusal()
    {
        Run(Prepare + "; New-Vgpu 0 L40S-8Q");
        var before = State();
        AssertRefused("Disable-VgpuMixedSize 0", "ResourceBusy", ErrorCategory.ResourceBusy);
        Assert.Equal(before, State());
    }

    [Fact]
    public void GPUs_are_taken_from_the_pipeline()
    {
        Lab("L40S, L40S");
        Run("Get-Gpu | Enable-Sriov; Get-Gpu | Enable-VgpuMixedSize");
        Assert.Equal([false, false], Values("(Get-Gpu | Disable-VgpuMixedSize -PassThru).MixedSizes"));
    }
}
