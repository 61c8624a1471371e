using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>
/// Every call that a start makes, answered with plausible statuses, errnos or exit codes, or with a lie: the start goes
/// on rightly, or it is refused in two lines and the host is as it was; the next start succeeds either way.
/// </summary>
[Trait("Duration", "Long")]
public sealed class FaultTests
{
    private const string Actor = "hook 101 pre-start";
    private const int FewestFaults = 5;

    private static readonly int[] s_exitCodes = [64, 65, 66, 69, 74, 75, 77];

    public static TheoryData<string> Scenarios { get; } =
    [
        "fresh MIG start, mdev", "fresh MIG start, vfio", "everything off, vfio", "time-sliced, mdev", "mapping, vfio",
        "two entries, mdev", "adopt an instance of somebody, vfio",
    ];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Call_that_fails_once_is_reported_and_leaves_nothing(string scenario) =>
        Try(scenario, from call in Calls(scenario)
                      from number in Fault.NumbersOf(call.Number, call.Name)
                      select new Fault(call.Number, call.Name, number, Times: 1));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Call_that_lies_once_is_found_by_reading_back_and_leaves_nothing(string scenario) =>
        Try(scenario, from call in Calls(scenario)
                      where Fault.IsChange(call.Name)
                      select new Fault(call.Number, call.Name, null, Times: 1));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Call_that_goes_on_failing_or_lying_leaves_what_the_next_run_repairs(string scenario) =>
        Try(scenario, from call in Calls(scenario)
                      where Fault.IsChange(call.Name)
                      from number in Fault.NumbersOf(call.Number, call.Name).Take(2).Select(n => (int?)n).Append(null)
                      select new Fault(call.Number, call.Name, number, Times: int.MaxValue));

    private static void Try(string scenario, IEnumerable<Fault> faults)
    {
        var make = CrashScenario.All.Single(s => s.Name == scenario).Make;
        var (prepared, running, stopped) = Live(make);
        var wrong = new List<string>();
        var tried = 0;
        foreach (var fault in faults)
        {
            tried++;
            if (TryOne(make(), fault, prepared, running, stopped) is { } complaint)
            {
                wrong.Add($"{fault}: {complaint}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong.Take(12)));
        Assert.True(tried >= FewestFaults, $"{tried} faults tried");
    }

    /// <summary>What is wrong with a start that meets the fault; null when nothing is.</summary>
    private static string? TryOne(LabHostNode node, Fault fault, string prepared, string running, string stopped)
    {
        var before = HostSnapshot.TakeUndone(node);
        fault.Arm(node, Actor);
        var result = node.Hook("101", "pre-start");
        Fault.Clear(node);
        if (Judge(node, fault, result, before, prepared) is { } complaint)
        {
            return $"{complaint}\n{result.Error}";
        }

        if (node.Start(CrashScenario.Vm).Error is { } error)
        {
            return $"the next start fails: {error}\nafter {result.ExitCode} {result.Error}";
        }

        if (!Same(node, fault, running))
        {
            return $"running\n{node.Snapshot()}\ninstead of\n{running}\nafter {result.ExitCode} {result.Error}";
        }

        node.StopAndCleanUp(CrashScenario.Vm);
        return node.Snapshot() == stopped ? null : $"stopped\n{node.Snapshot()}\ninstead of\n{stopped}";
    }

    private static string? Judge(LabHostNode node, Fault fault, LabHookResult result, string before, string prepared)
    {
        if (result.ExitCode == 0)
        {
            // A status that means something else to that call, or a write that nothing depends on.
            return Same(node, fault, prepared)
                ? null : $"succeeds and leaves\n{node.Snapshot()}\ninstead of\n{prepared}";
        }

        if (!s_exitCodes.Contains(result.ExitCode ?? -1))
        {
            return $"exit code {result.ExitCode}";
        }

        RefusalCase.TwoLines(result, "vgpu-hook: VM 101 pre-start: ");
        var after = HostSnapshot.TakeUndone(node);
        return fault.Times > 1 || after == before ? null : $"leaves\n{after}\ninstead of\n{before}";
    }

    /// <summary>
    /// Whether the node looks as without a fault; where the driver refused the first function of a mapping, or did not
    /// say what can be created on it, the next one does.
    /// </summary>
    private static bool Same(LabHostNode node, Fault fault, string snapshot)
    {
        var now = node.Snapshot();
        return now == snapshot
            || ((fault.Name.EndsWith($"{Situation.First}/nvidia/current_vgpu_type", StringComparison.Ordinal)
                || fault.Name.EndsWith($"{Situation.First}/nvidia/creatable_vgpu_types", StringComparison.Ordinal))
            && now == snapshot.Replace(Situation.First, Situation.Second, StringComparison.Ordinal));
    }

    /// <summary>Pictures after pre-start alone, while running, and after the stop, without a fault.</summary>
    private static (string Prepared, string Running, string Stopped) Live(Func<LabHostNode> make)
    {
        var node = make();
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        var prepared = node.Snapshot();
        node = make();
        Assert.Null(node.Start(CrashScenario.Vm).Error);
        var running = node.Snapshot();
        node.StopAndCleanUp(CrashScenario.Vm);
        return (prepared, running, node.Snapshot());
    }

    /// <summary>The first and the last call of each name in pre-start.</summary>
    private static List<(int Number, string Name)> Calls(string scenario)
    {
        var node = CrashScenario.All.Single(s => s.Name == scenario).Make();
        var calls = new List<(int Number, string Name)>();
        node.Host.Gate.Passing = (name, actor) =>
        {
            if (actor == Actor)
            {
                calls.Add((calls.Count + 1, name));
            }
        };
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        return [.. calls.GroupBy(c => c.Name).SelectMany(g => new[] { g.First(), g.Last() }).Distinct().Order()];
    }
}
