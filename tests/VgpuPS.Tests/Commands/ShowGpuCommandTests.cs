using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class ShowGpuCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Show-Gpu 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Show-Gpu 0000:4b", "0000:4b:00.0" } };

    protected override string Prepare =>
        "Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb";

    [Fact]
    public void Slices_and_instances_are_drawn()
    {
        Run(Prepare);
        Assert.Contains("2g.12gb", Show("Show-Gpu 0"), StringComparison.Ordinal);
        Assert.Contains(
            "NVIDIA A30", One<string>("\"$(Show-Gpu | Select-Object -First 1)\""), StringComparison.Ordinal);
        Assert.Equal(2, Values("Get-Gpu | Show-Gpu").Length);
    }

    [Fact]
    public void Colours_are_for_the_terminal()
    {
        Run(Prepare);
        Assert.Contains('\e', One<string>("-join (Show-Gpu 0).ColoredLines"));
        Assert.DoesNotContain('\e', One<string>("-join (Show-Gpu 0).Lines"));
    }
}
