using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What a user sees of a change that takes long: which of several objects, which step, for how many
/// seconds.</summary>
public sealed class ShownProgressTests : EngineTests
{
    [Fact]
    public async Task Object_step_and_seconds_are_shown_and_taken_away_at_the_end()
    {
        var node = await OpenLabAsync();
        Run("Enable-Sriov 0");
        var slow = 0;
        node.Host.Gate.Passing = (call, _) =>
        {
            // A program of the host that takes its time; only the one of the second VM.
            if (call.StartsWith("run ", StringComparison.Ordinal) && call.Contains("qm", StringComparison.Ordinal)
                && ++slow == 2)
            {
                Thread.Sleep(4500);
            }
        };
        var shown = Run("Add-VmVgpu 101,102,103 A30-4C").Progress;
        Assert.Contains(shown, s => s.Contains(" of 3)", StringComparison.Ordinal)
            && s.Contains("(VM ", StringComparison.Ordinal));
        Assert.Contains(shown, s => s.Contains(" s): Processing", StringComparison.Ordinal));
        Assert.EndsWith("Completed", shown[^1], StringComparison.Ordinal);
    }
}
