using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class TestVmVgpuCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-VmVgpu 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Test-VmVgpu we", "101" } };

    protected override string Prepare => "Add-VmVgpu 101, 102 A30-6C";

    protected override string Line => "Test-VmVgpu 101, build";

    [Fact]
    public void What_a_start_would_do_is_shown()
    {
        Run(Prepare);
        var test = One<VmVgpuTestInfo>("Test-VmVgpu web");
        Assert.True(test.Passed);
        Assert.NotEmpty(test.Steps);
        Assert.True(One<bool>("Test-VmVgpu 101 -Quiet"));
    }

    [Fact]
    public void Why_a_start_would_fail_is_said()
    {
        Run("Add-VmVgpu 102 -Memory 6GB -NoHook");
        Assert.Equal([false], Values("Test-VmVgpu 102, 900 -Quiet"));
        Assert.Equal("VmIsTemplate", One<VmVgpuTestInfo>("Test-VmVgpu 900").ErrorId);
        Assert.Contains(
            "Register-VgpuHook -VmId 102", One<VmVgpuTestInfo>("Test-VmVgpu 102").RecommendedAction,
            StringComparison.Ordinal);
    }
}
