using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Sessions;
using Xunit;
using LabNode = VgpuPS.LabHook.LabHostNode;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>Each fault that is marked as repairable is planned, mended, and gone; the others are left alone.</summary>
public sealed class RepairHostTests
{
    public static TheoryData<string> Faults => new(HostFaults.All.Select(f => f.Name));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Repairable_fault_is_repaired_and_any_other_is_left(string name)
    {
        var node = HostFaults.All.Single(f => f.Name == name).Make();
        var isRepairable = RunDoctorTests.Ask(node).Findings.Single().Repairable;
        var before = HostSnapshot.Take(node);
        var plan = Repair(node, isPlanOnly: true);
        Assert.Equal(before, HostSnapshot.Take(node));
        Assert.Equal(isRepairable, plan.Steps.Count > 0);
        var done = Repair(node, isPlanOnly: false);
        Assert.Equal(plan.Steps, done.Steps);
        if (isRepairable)
        {
            Assert.Empty(RunDoctorTests.Ask(node).Findings);
            Assert.Empty(Repair(node, isPlanOnly: true).Steps);
        }
        else
        {
            Assert.Equal(before, HostSnapshot.Take(node));
        }
    }

    [Fact]
    public void Ten_faults_at_least_are_repairable() =>
        Assert.InRange(
            HostFaults.All.Count(f => RunDoctorTests.Ask(f.Make()).Findings.Any(c => c.Repairable)), 10, 100);

    private static ChangePlan Repair(LabNode node, bool isPlanOnly) => HostUseCases.RepairHost.RunAsync(
        node.Connect(_ => { }), new RepairHostRequest { Source = "Repair-VgpuHost", IsPlanOnly = isPlanOnly },
        new Silence(), default)
        .GetAwaiter().GetResult().Plan;

    private sealed class Silence : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
