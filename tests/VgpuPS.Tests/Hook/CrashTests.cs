using VgpuPS.Core.Gpu;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>
/// Kills the hook before each of its calls on a seam and after the last one; "after call n" is the same moment as
/// "before call n + 1". Moments that differ in no change of the machine are one.
/// </summary>
[Trait("Duration", "Long")]
public sealed class CrashTests
{
    public static TheoryData<string, string> Cases { get; } = new(
        from scenario in CrashScenario.All
        from phase in (string[])["pre-start", "post-start", "post-stop"]
        select (scenario.Name, phase));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_killed_hook_leaves_nothing_that_the_next_run_does_not_finish_or_undo(string scenario, string phase)
    {
        var make = CrashScenario.All.First(s => s.Name == scenario).Make;
        var expected = Live(make());
        foreach (var (call, isBefore) in FindMoments(make(), phase))
        {
            var when = $"killed {(isBefore ? "before" : "after")} call {call} of {phase}";
            var node = make();
            CrashAt(node, phase, call, isBefore);
            Converges(node, expected, when);
            node = make();
            CrashAt(node, phase, call, isBefore);
            SweepsClean(node, expected, when);
        }
    }

    /// <summary>Calls of a phase before which the machine is as it was at no earlier one, and the end of the last
    /// call.</summary>
    private static List<(int Call, bool IsBefore)> FindMoments(LabHostNode node, string phase)
    {
        var moments = new List<(int, bool)>();
        var calls = 0;
        long seen = -1;
        BringTo(node, phase);
        node.Host.Gate.Passing = (_, actor) =>
        {
            if (actor != Actor(phase))
            {
                return;
            }

            calls++;
            if (node.Host.ChangeCount != seen)
            {
                seen = node.Host.ChangeCount;
                moments.Add((calls, true));
            }
        };
        Run(node, phase);
        node.Host.Gate.Passing = null;
        Assert.NotEmpty(moments);
        return [.. moments, (calls, false)];
    }

    private static string Actor(string phase) => $"hook {CrashScenario.Vm} {phase}";

    private static void BringTo(LabHostNode node, string phase)
    {
        if (phase == "post-stop")
        {
            Assert.Null(node.Start(CrashScenario.Vm).Error);
        }
    }

    private static void Run(LabHostNode node, string phase)
    {
        if (phase == "post-stop")
        {
            node.StopAndCleanUp(CrashScenario.Vm);
        }
        else
        {
            _ = node.Start(CrashScenario.Vm);
        }
    }

    /// <summary>Pictures before, while running and after a life without a crash.</summary>
    private static (string Running, string Stopped) Live(LabHostNode node)
    {
        Assert.Null(node.Start(CrashScenario.Vm).Error);
        var running = node.Snapshot();
        node.StopAndCleanUp(CrashScenario.Vm);
        return (running, node.Snapshot());
    }

    private static void CrashAt(LabHostNode node, string phase, int call, bool isBefore)
    {
        BringTo(node, phase);
        if (isBefore)
        {
            node.Host.Gate.CrashBefore(call, Actor(phase));
        }
        else
        {
            node.Host.Gate.CrashAfter(call, Actor(phase));
        }

        Run(node, phase);
        Assert.False(node.Host.Gate.IsArmed, "no crash happened");
    }

    private static void Converges(LabHostNode node, (string Running, string Stopped) expected, string when)
    {
        if (node.Host.GetQemuPid(new VmId(CrashScenario.Vm)) is not null)
        {
            // Nothing failed that Proxmox would notice: the next hook run of any VM, or the timer, settles it.
            Assert.Null(SweepError(node));
        }
        else
        {
            var started = node.Start(CrashScenario.Vm);
            Assert.True(started.Succeeded, $"{when}: {started.Error}");
        }

        Same(expected.Running, node.Snapshot(), $"{when}, running");
        node.StopAndCleanUp(CrashScenario.Vm);
        Same(expected.Stopped, node.Snapshot(), $"{when}, stopped");
        Assert.Null(node.Start(CrashScenario.Vm).Error);
        Same(expected.Running, node.Snapshot(), $"{when}, restarted");
        node.StopAndCleanUp(CrashScenario.Vm);
        Same(expected.Stopped, node.Snapshot(), $"{when}, stopped again");
    }

    private static void SweepsClean(LabHostNode node, (string Running, string Stopped) expected, string when)
    {
        if (node.Host.GetQemuPid(new VmId(CrashScenario.Vm)) is not null)
        {
            node.StopAndCleanUp(CrashScenario.Vm);
        }

        Assert.Null(SweepError(node));
        Same(Things(expected.Stopped), Things(node.Snapshot()), $"{when}, swept");
    }

    // Whether MIG mode and functions were switched on by then is no leak, and another VM's reservation is that VM's.
    private static string Things(string snapshot) => string.Join(
        '\n', snapshot.Replace($"{Situation.First} 200 held", "", StringComparison.Ordinal).Split('\n')
            .Where(line => !line.StartsWith("gpu ", StringComparison.Ordinal)));

    private static string? SweepError(LabHostNode node) =>
        node.Hook("sweep") is { Succeeded: false } failed ? failed.Error : null;

    private static void Same(string expected, string actual, string when) =>
        Assert.True(expected == actual, $"{when}\nexpected\n{expected}\nfound\n{actual}");
}
