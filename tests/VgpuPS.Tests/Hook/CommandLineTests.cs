using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Command lines that are none, and those for people.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--frobnicate", "'--frobnicate' is not a command")]
    [InlineData("frobnicate", "'frobnicate' is not a command")]
    [InlineData("101", "'101' is not a command")]
    [InlineData("99 pre-start", "'99 pre-start' is neither a VM id")]
    [InlineData("abc pre-start", "'abc pre-start' is neither a VM id")]
    [InlineData("plan", "'plan'")]
    [InlineData("plan 5", "'plan 5' is neither a VM id")]
    [InlineData("show --xml", "'show --xml'")]
    [InlineData("101 pre-start now", "'101 pre-start now' is not a command")]
    public void Line_that_is_not_understood_is_refused_in_two_lines(string line, string says)
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        var before = HostSnapshot.Take(node);

        var result = node.Hook(line.Split(' '));

        Assert.Equal(64, result.ExitCode);
        var (first, second) = RefusalCase.TwoLines(result, "vgpu-hook: ");
        Assert.Contains(says, first, StringComparison.Ordinal);
        Assert.Contains("vgpu-hook --help", second, StringComparison.Ordinal);
        Assert.Equal(before, HostSnapshot.Take(node));
    }

    [Fact]
    public void No_argument_prints_the_usage_and_help_does_so_on_standard_output()
    {
        var node = LabNodes.A30(LabBackend.Vfio);

        var none = node.Hook();
        var help = node.Hook("--help");

        Assert.Equal(64, none.ExitCode);
        Assert.StartsWith("usage: vgpu-hook VMID PHASE", none.Error, StringComparison.Ordinal);
        Assert.Equal(0, help.ExitCode);
        Assert.Equal(none.Error, help.Output);
    }

    [Fact]
    public void Unknown_phase_is_a_note()
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio));

        var result = node.Hook("101", "mid-life");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("nothing to do in phase mid-life", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_of_an_unknown_VM_says_how_to_find_one()
    {
        var result = LabNodes.A30(LabBackend.Vfio).Hook("plan", "101");

        Assert.Equal(66, result.ExitCode);
        var (first, second) = RefusalCase.TwoLines(result, "vgpu-hook: plan 101: ");
        Assert.Contains("VM 101 has no configuration", first, StringComparison.Ordinal);
        Assert.Contains("qm list", second, StringComparison.Ordinal);
    }
}
