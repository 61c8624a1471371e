using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class NewMigComputeInstanceCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "New-MigComputeInstance 0 1 -ComputeProfile 7c.7g", "ProfileNotFound", ErrorCategory.ObjectNotFound },
        { "New-MigComputeInstance 0 9", "InstanceNotFound", ErrorCategory.ObjectNotFound },
        { "New-MigComputeInstance 0 1 -Count 0", "CountOutOfRange", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new() { { "New-MigComputeInstance 0 ", "1" } };

    protected override string Prepare =>
        Empty;

    protected override string Line => "New-MigComputeInstance 0 1 1c.2g.12gb";

    protected override string Plan => @"compute instance 1c\.2g\.12gb";

    private const string Empty =
        "Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2 -ComputeInstance None";

    [Fact]
    public void A_full_instance_is_refused()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2");
        AssertRefused(
            "New-MigComputeInstance 0 1 -ComputeProfile 1c.2g.12gb", "NoFreePlacement",
            ErrorCategory.ResourceUnavailable);
    }

    [Fact]
    public void An_instance_is_split()
    {
        Run(Empty + "; Get-MigInstance | New-MigComputeInstance -ComputeProfile 1c.2g.12gb -Count 2");
        Assert.Equal(["1c.2g.12gb", "1c.2g.12gb"], Values("(Get-MigInstance | Get-MigComputeInstance).ComputeProfile"));
    }

    [Fact]
    public void An_instance_is_filled_without_a_profile()
    {
        Run(Empty);
        Assert.Equal(["2g.12gb"], Values("(Get-MigInstance | New-MigComputeInstance -PassThru).ComputeProfile"));
    }
}
