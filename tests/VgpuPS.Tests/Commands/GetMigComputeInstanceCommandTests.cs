using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetMigComputeInstanceCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-MigComputeInstance -GpuInstanceId 9", "InstanceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-MigComputeInstance 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-MigComputeInstance 0 -GpuInstanceId ", "1" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2";

    [Fact]
    public void Those_of_the_GPU_instances_that_are_piped_in_are_shown()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb");
        Assert.Equal(["1g.6gb"], Values("(Get-MigInstance -Profile 1g.6gb | Get-MigComputeInstance).ComputeProfile"));
        Assert.Equal(2, Values("Get-MigComputeInstance").Length);
    }
}
