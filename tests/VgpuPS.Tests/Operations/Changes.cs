using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Host;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>Asks a simulated host for changes as a cmdlet does: first for the plan, which changes nothing, then for
/// itself.</summary>
internal sealed class Changes(LabHostNode node)
{
    public const string Gpu = LabNodes.Gpu;
    public const string First = "0000:4b:00.4";

    public LabHostNode Node => node;

    public LabGpu State(int index = 0) => node.Host.State.Gpus[index];

    public List<StepProgress> Progress { get; } = [];

    public static Changes On(
        string model, LabBackend backend = LabBackend.Vfio, bool mig = false, bool functions = true) =>
        new(LabNodes.Of([model], backend, mig, functions));

    public HostPorts Host => node.Connect(_ => { });

    public static SchedulerLayout Equal(int? slice = null) => new(SchedulerPolicy.EqualShare, slice);

    /// <summary>Plans, checks that this changed nothing, carries out as planned, and checks that asking again plans
    /// nothing.</summary>
    public ChangeResult Do<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request, bool isRepeatable = false)
        where TRequest : ChangeRequest
    {
        var plan = Plan(useCase, request);
        var done = Run(useCase, request with { Source = "Test", Confirmed = plan });
        Assert.Equal(plan.Steps, done.Plan.Steps);
        if (isRepeatable)
        {
            Assert.Empty(Plan(useCase, request).Steps);
            var again = Run(useCase, request with { Source = "Test" });
            Assert.Empty(again.Plan.Steps);
        }

        return done;
    }

    public ChangePlan Plan<TRequest>(UseCase<TRequest, ChangeResult> useCase, TRequest request)
        where TRequest : ChangeRequest
    {
        var before = HostSnapshot.Take(node);
        var planned = Run(useCase, request with { IsPlanOnly = true });
        Assert.Empty(planned.Objects);
        Assert.Equal(before, HostSnapshot.Take(node));
        return planned.Plan;
    }

    public ChangeResult Run<TRequest>(UseCase<TRequest, ChangeResult> useCase, TRequest request)
        where TRequest : ChangeRequest => RunUntil(useCase, request, CancellationToken.None);

    public ChangeResult RunUntil<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request, CancellationToken cancellationToken)
        where TRequest : ChangeRequest =>
        useCase.RunAsync(Host, request, new Heard(Progress.Add), cancellationToken).GetAwaiter().GetResult();

    /// <summary>Refused alike as a plan and for real, and nothing is changed.</summary>
    public VgpuException Refuses<TRequest>(
        string errorId, UseCase<TRequest, ChangeResult> useCase, TRequest request, params string[] words)
        where TRequest : ChangeRequest
    {
        var before = HostSnapshot.Take(node);
        var planned = Assert.ThrowsAny<VgpuException>(() => Run(useCase, request with { IsPlanOnly = true }));
        Assert.Equal(before, HostSnapshot.Take(node));
        var real = Assert.ThrowsAny<VgpuException>(() => Run(useCase, request with { Source = "Test" }));
        Assert.Equal(before, HostSnapshot.Take(node));
        Assert.Equal((errorId, errorId), (planned.ErrorId, real.ErrorId));
        Assert.Equal(planned.Message, real.Message);
        foreach (var word in words)
        {
            Assert.Contains(word, $"{real.Message} do: {real.RecommendedAction}", StringComparison.Ordinal);
        }

        return real;
    }

    public ChangeResult Apply(GpuLayout layout, bool force = false, bool reset = false, bool persist = false) =>
        Do(HostUseCases.ApplyLayout, Layout(layout, force, reset, persist), isRepeatable: true);

    public VgpuException RefusesLayout(string errorId, GpuLayout layout, params string[] words) =>
        Refuses(errorId, HostUseCases.ApplyLayout, Layout(layout), words);

    public static ApplyLayoutRequest Layout(
        GpuLayout layout, bool force = false, bool reset = false, bool persist = false) =>
        new() { Gpus = [layout], Force = force, Reset = reset, Persist = persist };

    public static GpuLayout With(
        bool? sriov = null, bool? mig = null, bool? mixed = null, SchedulerLayout? scheduler = null,
        params InstanceLayout[]? instances) => new()
        {
            Gpu = Gpu,
            Sriov = sriov,
            Mig = mig,
            MixedSizes = mixed,
            Scheduler = scheduler,
            Instances = instances is { Length: > 0 } ? instances : null,
        };

    /// <summary>Instances of a GPU in short: <c>2g.12gb@0:2[2g.12gb]</c>, ascending placement.</summary>
    public string Instances(int index = 0)
    {
        var model = State(index).Model;
        return string.Join(' ', State(index).Instances.OrderBy(i => i.Start).Select(i =>
        {
            var profile = model.FindProfile(i.Profile)!;
            var compute = i.ComputeInstances.Select(c => profile.ComputeProfiles.First(p => p.Id == c.Profile).Name)
                .Select(n => n.Replace("MIG ", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
            return $"{profile.Name.Replace("MIG ", "", StringComparison.Ordinal)}@{i.Start}:{i.Size}["
                + $"{string.Join(',', compute)}]";
        }));
    }

    private sealed class Heard(Action<StepProgress> reported) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => reported(value);
    }
}
