using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class TestVgpuHookCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-VgpuHook 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Test-VgpuHook we", "101" } };

    protected override string Prepare => "Register-VgpuHook 101";

    protected override string Back => "Where-Object VmId | Test-VgpuHook";

    [Fact]
    public void What_is_right_and_what_is_missing_is_said()
    {
        Run(Prepare);
        Assert.Contains("Content", Values("(Test-VgpuHook web).Check"));
        Assert.Equal([true, false], Values("Test-VgpuHook web -Quiet; Test-VgpuHook 102 -Quiet"));
        Assert.Contains("Registered", Values("(Test-VgpuHook 102 | Where-Object Passed -EQ $false).Check"));
    }
}
