using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuHostCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuHost -Session nowhere", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VgpuHost -Session l", "lab" } };

    [Fact]
    public void All_that_are_connected_are_shown()
    {
        Run("Disconnect-VgpuHost lab; Connect-VgpuHost -Lab A30 -Name one; Connect-VgpuHost -Lab T4 -Name two");
        Assert.Equal(["one", "two"], Values("(Get-VgpuHost).VgpuHost | Sort-Object"));
        Assert.Equal(["Tesla T4"], Values("(Get-VgpuHost -Session two).Gpus"));
    }
}
