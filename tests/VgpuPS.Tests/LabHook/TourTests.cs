using System.Globalization;
using VgpuPS.Core.Rows;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.LabHook;

public sealed class TourTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("real")]
    public void The_story_holds(string timing)
    {
        var (code, output, error) = LabShellProcess.Run("tour", "--timing", timing);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("The story held", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public void Colours_are_written_to_a_terminal_only()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        new Terminal(output, hasColours: true).WriteLine("free", DiagramStyle.Free);
        Assert.Equal($"\e[2mfree\e[0m{Environment.NewLine}", output.ToString());
    }
}
