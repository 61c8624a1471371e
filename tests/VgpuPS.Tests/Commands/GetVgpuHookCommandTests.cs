using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuHookCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuHook 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VgpuHook we", "101" } };

    protected override string Prepare => "Register-VgpuHook 101";

    [Fact]
    public void Each_VM_is_shown_with_its_hook()
    {
        Run(Prepare);
        Assert.Equal([101], Values("(Get-VgpuHook | Where-Object IsRegistered).VmId"));
        Assert.Equal([101], Values("(Get-VgpuHook w*).VmId"));
        Assert.Equal([101, 102, 103, 104, 900], Values("(Get-VgpuHook).VmId"));
    }
}
