using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RegisterVgpuHookCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Register-VgpuHook 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Register-VgpuHook 101 -Storage none", "NoSnippetStorage", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Register-VgpuHook we", "101" },
        { "Register-VgpuHook 101 -Storage ", "local" },
    };

    protected override string Line => "Register-VgpuHook 101";

    protected override string Plan => @"set hookscript of VM 101 \(web\) to local:snippets/vgpu-hook";

    protected override bool IsIdempotent => true;

    [Fact]
    public void VMs_get_the_hook()
    {
        Assert.Equal(
            ["local:snippets/vgpu-hook", "local:snippets/vgpu-hook"],
            Values("(Register-VgpuHook web, 102 -PassThru).Volume"));
        Assert.True(One<bool>("Test-VgpuHook web -Quiet"));
    }

    [Fact]
    public void VMs_are_taken_from_the_pipeline()
    {
        Run("Get-VgpuHook | Where-Object VmId -LT 103 | Register-VgpuHook");
        Assert.Equal([101, 102], Values("(Get-VgpuHook | Where-Object IsRegistered).VmId"));
    }
}
