using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RemoveMigComputeInstanceCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Remove-MigComputeInstance 0 1 7", "InstanceNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-MigComputeInstance 0 9 0", "InstanceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Remove-MigComputeInstance 0 ", "1" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2";

    protected override string Line => "Remove-MigComputeInstance 0 1 0";

    protected override string Plan => "destroy compute instance 0";

    protected override bool IsHigh => true;

    [Fact]
    public void What_is_piped_in_goes_and_the_GPU_instance_stays()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 4g.24gb -ComputeInstance None");
        Run("Get-MigInstance | New-MigComputeInstance -ComputeProfile 1c.4g.24gb -Count 2");
        Run("Get-MigComputeInstance | Remove-MigComputeInstance -Confirm:$false");
        Assert.Empty(Values("Get-MigComputeInstance"));
        Assert.Single(Values("Get-MigInstance"));
    }
}
