using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Every call of post-stop that fails or lies, once or for good: the next sweep finishes what it could
/// not.</summary>
[Trait("Duration", "Long")]
public sealed class StopFaultTests
{
    private const string Actor = "hook 101 post-stop";

    public static TheoryData<string> Scenarios { get; } =
    [
        "fresh MIG start, mdev", "time-sliced, vfio", "mapping, vfio", "adopt an instance of somebody, mdev",
        "beside another VM of the profile, vfio",
    ];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Stop_that_fails_or_lies_is_finished_by_the_next_sweep(string scenario)
    {
        var make = CrashScenario.All.Single(s => s.Name == scenario).Make;
        var (calls, stopped) = Listen(make());
        var faults = from call in calls
                     from number in Fault.NumbersOf(call.Number, call.Name).Take(4).Select(n => (int?)n)
                         .Concat(Fault.IsChange(call.Name) ? new int?[] { null } : [])
                     from times in Fault.IsChange(call.Name) ? (int[])[1, int.MaxValue] : [int.MaxValue]
                     select new Fault(call.Number, call.Name, number, times);
        var wrong = faults.Select(f => (Fault: f, Complaint: TryOne(make(), f, stopped)))
            .Where(t => t.Complaint is not null).Select(t => $"{t.Fault}: {t.Complaint}").ToList();

        Assert.NotEmpty(calls);
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong.Take(12)));
    }

    private static string? TryOne(LabHostNode node, Fault fault, string stopped)
    {
        Assert.Null(node.Start(CrashScenario.Vm).Error);
        var said = "";
        node.HookOutput = (output, error) => said += output + error;
        fault.Arm(node, Actor);
        node.StopAndCleanUp(CrashScenario.Vm);
        Fault.Clear(node);
        if (said.Contains("unexpected", StringComparison.Ordinal))
        {
            return said;
        }

        var isDone = node.Snapshot() == stopped;
        if (!isDone && said.Length == 0)
        {
            return $"nothing said, and left\n{node.Snapshot()}";
        }

        var swept = node.Hook("sweep");
        return swept.ExitCode != 0 ? $"sweep: {swept.Error}"
            : node.Snapshot() != stopped ? $"swept\n{node.Snapshot()}\ninstead of\n{stopped}\nafter {said}"
            : null;
    }

    private static (List<(int Number, string Name)> Calls, string Stopped) Listen(LabHostNode node)
    {
        Assert.Null(node.Start(CrashScenario.Vm).Error);
        var calls = new List<(int Number, string Name)>();
        node.Host.Gate.Passing = (name, actor) =>
        {
            if (actor == Actor)
            {
                calls.Add((calls.Count + 1, name));
            }
        };
        node.StopAndCleanUp(CrashScenario.Vm);
        node.Host.Gate.Passing = null;
        return ([.. calls.GroupBy(c => c.Name).SelectMany(g => new[] { g.First(), g.Last() }).Distinct().Order()],
            node.Snapshot());
    }
}
