using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVmVgpuCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VmVgpu 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VmVgpu de", "104" } };

    protected override string Prepare => "Add-VmVgpu 101, 102 A30-6C";

    [Fact]
    public void Id_and_name_filter_and_a_filter_is_silent()
    {
        Run("Add-VmVgpu 101 -Memory 6GB");
        Assert.Equal(["hostpci0"], Values("(Get-VmVgpu -VmName w*).Entry"));
        Assert.Equal([101], Values("(Get-VmVgpu 101, 102).VmId"));
        Assert.Empty(Values("Get-VmVgpu nobody*; Get-VmVgpu 104"));
    }
}
