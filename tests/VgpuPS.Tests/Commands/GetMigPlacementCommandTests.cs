using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetMigPlacementCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-MigPlacement 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-MigPlacement 0 -Profile 9g.99gb", "ProfileNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-MigPlacement 0 -Profile 2g", "2g.12gb" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset";

    protected override string Line => "Get-MigPlacement 0";

    [Fact]
    public void Legal_places_are_shown_and_those_that_are_free()
    {
        Run(Prepare + "; New-MigInstance 0 -Profile 1g.6gb -Placement 0:1");
        Assert.Equal(["0:2", "2:2"], Values("(Get-MigPlacement 0 -Profile 2g.12gb).Placement"));
        Assert.Equal(["2:2"], Values("(Get-MigPlacement 0 -Profile 2g.12gb -Free).Placement"));
    }
}
