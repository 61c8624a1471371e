using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class NewMigInstanceCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "New-MigInstance 0 -Profile 3g.40gb", "ProfileNotFound", ErrorCategory.ObjectNotFound },
        { "New-MigInstance 0 -Profile 1g.6gb -Count 0", "CountOutOfRange", ErrorCategory.InvalidArgument },
        { "New-MigInstance 0 -Profile 1g.6gb -Count -1", "CountOutOfRange", ErrorCategory.InvalidArgument },
        { "New-MigInstance 0 -Profile 1g.6gb -Count 99", "CountOutOfRange", ErrorCategory.InvalidArgument },
        { "New-MigInstance 0 -Profile 2g.12gb -Placement 1:2", "IllegalPlacement", ErrorCategory.InvalidArgument },
        { "New-MigInstance 0 -Profile 4g.24gb, 1g.6gb", "NoFreePlacement", ErrorCategory.ResourceUnavailable },
        { "New-MigInstance 1 -Profile 2g.12gb", "MigModeMismatch", ErrorCategory.NotEnabled },
        { "New-MigInstance 9 -Profile 2g.12gb", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "New-MigInstance 0 -Profile 2g", "2g.12gb" },
        { "New-MigInstance 0 -Profile 1g.6gb -Placement 3", "3:1" },
    };

    protected override string Prepare => "Enable-MigMode 0 -Reset";

    protected override string Line => "New-MigInstance 0 -Profile 2g.12gb";

    protected override string Plan => @"create GPU instance 2g\.12gb with its compute instance";

    [Fact]
    public void Each_GPU_that_is_piped_in_is_cut()
    {
        Run("Get-Gpu | Enable-MigMode -Reset; Get-Gpu | New-MigInstance -Profile 1g.6gb -Count 4");
        Assert.Equal(8, Values("Get-MigInstance -Profile 1g.6gb").Length);
    }

    [Fact]
    public void A_list_is_placed_together_or_not_at_all()
    {
        Run("Get-Gpu | Enable-MigMode -Reset");
        Assert.Equal(
            ["1g.6gb", "1g.6gb", "2g.12gb"],
            Values("(New-MigInstance 0 -Profile 2g.12gb, 1g.6gb, 1g.6gb -PassThru).Profile | Sort-Object"));
        Assert.Equal("NoFreePlacement", RefusalId("New-MigInstance 1 -Profile 2g.12gb, 2g.12gb, 1g.6gb"));
        Assert.Empty(Values("Get-MigInstance 1"));
    }

    [Fact]
    public void What_does_not_fit_any_more_is_not_completed()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb");
        var words = Complete("New-MigInstance 0 -Profile ");
        Assert.Contains("1g.6gb", words);
        Assert.DoesNotContain("4g.24gb", words);
    }

    [Fact]
    public void Compute_instances_are_those_that_are_asked_for()
    {
        Run(Prepare + "; New-MigInstance 0 -Profile 2g.12gb -ComputeInstance 1c.2g.12gb, 1c.2g.12gb");
        Assert.Equal(["1c.2g.12gb", "1c.2g.12gb"], Values("(Get-MigComputeInstance).ComputeProfile"));
        Run("New-MigInstance 0 -Profile 1g.6gb -ComputeInstance None");
        Assert.Empty(Values("(Get-MigInstance -Profile 1g.6gb).ComputeInstances"));
    }
}
