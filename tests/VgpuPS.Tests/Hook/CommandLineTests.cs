using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Command lines that are none, and those for people.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--frobnicate", "'--frobnicate' is not a command")]
    [InlineData("frobnicate", "'frobnicate' is not a command")]
    [InlineData("101", "VM 101 is named without a phase")]
    [InlineData("99 pre-start", "'99 pre-start' is neither a VM id")]
    [InlineData("abc pre-start", "'abc pre-start' is neither a VM id")]
    [InlineData("plan", "plan takes the id of one VM")]
    [InlineData("plan 5", "plan takes the id of one VM (100 to 999999999), not '5'")]
    [InlineData("plan 101 102", "not '101 102'")]
    [InlineData("show --xml", "show does not take '--xml'")]
    [InlineData("sweep now", "sweep does not take 'now'")]
    [InlineData("agent now", "agent does not take 'now'")]
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

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Each_command_says_how_it_is_called_and_does_nothing(string option)
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        var before = HostSnapshot.Take(node);
        var help = node.Hook("--help").Output;
        var commands = help.Split('\n').Select(l => l.Trim().Replace("usage: ", "", StringComparison.Ordinal))
            .Where(l => l.StartsWith("vgpu-hook ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1])
            .Where(c => !c.StartsWith('-')).Select(c => c == "VMID" ? "101" : c).Distinct().ToList();
        Assert.Equal(8, commands.Count);
        foreach (var result in commands.Select(c => node.Hook(c, option)))
        {
            Assert.Equal((0, help, ""), (result.ExitCode, result.Output, result.Error));
        }

        Assert.Equal(help, node.Hook("help").Output);
        Assert.Equal(before, HostSnapshot.Take(node));
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
