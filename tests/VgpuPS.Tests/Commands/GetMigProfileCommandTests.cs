using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetMigProfileCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-MigProfile 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-MigProfile 0 -Profile 9g.99gb", "ProfileNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-MigProfile 0000:4b", "0000:4b:00.0" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset";

    [Fact]
    public void Profiles_are_named_before_MIG_mode_is_on_and_none_is_free()
    {
        Assert.Contains("2g.12gb", Values("(Get-MigProfile 0).Profile"));
        Assert.All(Values("(Get-MigProfile 0).Free"), free => Assert.Equal(0, free));
    }

    [Fact]
    public void What_fits_now_is_counted()
    {
        Run(Prepare + "; New-MigInstance 0 -Profile 2g.12gb");
        var half = One<MigProfileInfo>("Get-MigProfile 0 -Profile 2g.12gb");
        Assert.Equal((1, 2, 28), (half.Free, half.Total, half.Multiprocessors));
        Assert.Equal(0, One<MigProfileInfo>("Get-MigProfile 0 -Profile 4g.24gb").Free);
    }
}
