using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SetVmVgpuCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Set-VmVgpu 101", "NothingToChange", ErrorCategory.InvalidArgument },
        { "Set-VmVgpu 102 -Type A30-12C", "EntryNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpu 101 hostpci7 -Type A30-12C", "EntryNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpu 101 -Type A100-1-5C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpu 4711 -Type A30-12C", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Set-VmVgpu -VmId we", "101" },
        { "Set-VmVgpu 101 host", "hostpci0" },
        { "Set-VmVgpu 101 -Type A30-12", "A30-12C" },
    };

    protected override string Prepare => "Add-VmVgpu 101 A30-6C";

    protected override string Line => "Set-VmVgpu 101 -Type A30-12C";

    protected override string Plan => @"set hostpci0 of VM 101 \(web\) to 0000:4b:00.4,mdev=nvidia-687";

    protected override bool IsIdempotent => true;

    [Fact]
    public void What_is_given_changes_through_the_pipeline_too()
    {
        Run(Prepare);
        Assert.Equal("A30-12C", One<VmVgpuInfo>("Get-VmVgpu web | Set-VmVgpu -Type A30-12C -PassThru").VgpuType);
        Assert.True(One<VmVgpuInfo>("Set-VmVgpu 101 hostpci0 -PrimaryGpu -PassThru").PrimaryGpu);
        Assert.False(One<VmVgpuInfo>("Set-VmVgpu 101 -PrimaryGpu:$false -PassThru").PrimaryGpu);
        Assert.False(One<VmVgpuInfo>("Set-VmVgpu 101 -PciExpress:$false -PassThru").PciExpress);
    }

    [Fact]
    public void The_change_of_a_running_VM_is_pending()
    {
        Run(Prepare + "; Start-LabVm 101; Set-VmVgpu 101 -Type A30-12C");
        Assert.Equal(["removing", "pending"], Values("(Get-VmVgpu 101).State"));
        Assert.Equal("A30-24C", One<VmVgpuInfo>("Set-VmVgpu 101 -Type A30-24C -PassThru").VgpuType);
    }

    [Fact]
    public void Each_VM_that_is_piped_in_changes()
    {
        Run(Prepare + "; Add-VmVgpu 102 -Memory 6GB");
        Assert.Equal([101, 102], Values("(Get-VmVgpu | Set-VmVgpu -Type A30-8C -PassThru).VmId"));
    }
}
