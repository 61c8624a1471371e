using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>The live view into a pipe; in a terminal it is tried by tests/system/watch.</summary>
public sealed class WatchVgpuCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Watch-Vgpu -Count 1 -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Watch-Vgpu -Order Lo", "Load" } };

    [Fact]
    public void A_picture_is_written_for_each_count_without_escapes()
    {
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101");
        var lines = Texts("Watch-Vgpu -Count 2 -Interval 0.5");
        Assert.Equal(2, lines.Count(l => l.StartsWith("1 host  2 GPUs  1 running vGPU ", StringComparison.Ordinal)));
        Assert.Equal(2, lines.Count(l => l.StartsWith("  101 web ", StringComparison.Ordinal)));
        Assert.All(lines, l => Assert.DoesNotContain('\e', l));
        Assert.All(lines, l => Assert.True(l.Length <= 100, l));
    }

    [Fact]
    public void It_ends_when_nobody_wants_more() =>
        Assert.Single(Values("Watch-Vgpu -Interval 0.5 | Select-Object -First 1"));

    [Fact]
    public void A_filter_and_an_order_are_taken()
    {
        Run("Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101, 102");
        var lines = Texts("Watch-Vgpu -Count 1 -Order Function -Filter BUILD");
        Assert.Contains(lines, l => l.StartsWith("  102 build", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("101 web", StringComparison.Ordinal));
    }

    private List<string> Texts(string script) => [.. Values(script).Select(v => $"{v}")];
}
