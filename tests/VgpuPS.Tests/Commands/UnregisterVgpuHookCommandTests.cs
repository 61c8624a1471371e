using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class UnregisterVgpuHookCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Unregister-VgpuHook 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Unregister-VgpuHook we", "101" } };

    protected override string Prepare => "Register-VgpuHook 101";

    protected override string Line => "Unregister-VgpuHook 101";

    protected override string Plan => "delete hookscript of VM 101";

    protected override bool IsIdempotent => true;

    [Fact]
    public void The_hook_is_taken_away()
    {
        Assert.False(One<VgpuHookInfo>("Register-VgpuHook web; Unregister-VgpuHook web -PassThru").IsRegistered);
        Assert.DoesNotContain(true, Values("(Get-VgpuHook).IsRegistered"));
        Assert.Equal(["Registered"], Values("(Test-VgpuHook web | Where-Object Passed -EQ $false).Check"));
    }

    [Fact]
    public void A_hook_that_a_vGPU_needs_is_taken_only_when_forced()
    {
        Run("Add-VmVgpu 101 -Memory 6GB");
        AssertRefused("Unregister-VgpuHook 101", "HookInUse", ErrorCategory.ResourceBusy);
        Assert.True(One<VgpuHookInfo>("Get-VgpuHook 101").IsRegistered);
        Run("Unregister-VgpuHook 101 -Force");
        Assert.False(One<VgpuHookInfo>("Get-VgpuHook 101").IsRegistered);
    }
}
