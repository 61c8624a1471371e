using System.Text.Json;
using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>Changes whose calls fail or lie, that are stopped, or whose host changes meanwhile.</summary>
[Trait("Duration", "Long")]
public sealed class ChangeFaultTests
{
    private const int Unknown = 999;

    public static TheoryData<string, string> Calls { get; } = new()
    {
        { "mig", "nvmlDeviceSetMigMode" }, { "mig", "run /usr/lib/nvidia/sriov-manage" },
        { "instances", "nvmlDeviceCreateGpuInstanceWithPlacement" },
        { "instances", "nvmlGpuInstanceCreateComputeInstance" },
        { "instances", "nvmlGpuInstanceDestroy" }, { "instances", "nvmlComputeInstanceDestroy" },
        { "mixed", "nvmlDeviceSetVgpuHeterogeneousMode" }, { "mixed", "nvmlDeviceSetVgpuSchedulerState" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_that_lies_is_found_and_all_is_rolled_back(string what, string call)
    {
        var (host, layout) = Prepare(what);
        var before = Undone(host);
        host.Node.Host.Gate.Lie(call, 1);
        Assert.ThrowsAny<VgpuException>(() => host.Run(HostUseCases.ApplyLayout, Changes.Layout(layout)));
        Assert.Equal(before, Undone(host));
        host.Apply(layout);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_that_fails_rolls_all_back(string what, string call)
    {
        var (host, layout) = Prepare(what);
        var before = Undone(host);
        host.Node.Host.Gate.Fail(call, call.StartsWith("run", StringComparison.Ordinal) ? 1 : Unknown, 1);
        Assert.ThrowsAny<VgpuException>(() => host.Run(HostUseCases.ApplyLayout, Changes.Layout(layout)));
        Assert.Equal(before, Undone(host));
        host.Apply(layout);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Stopping_between_steps_rolls_all_back(int step)
    {
        var (host, layout) = Prepare("instances");
        var before = Undone(host);
        using var stop = new CancellationTokenSource();
        var progress = new StopAt(step, stop);
        Assert.ThrowsAny<OperationCanceledException>(() => HostUseCases.ApplyLayout
            .RunAsync(host.Host, Changes.Layout(layout), progress, stop.Token).GetAwaiter().GetResult());
        Assert.Equal(before, Undone(host));
    }

    [Fact]
    public void Plan_that_would_lose_more_than_was_shown_is_refused()
    {
        var (host, layout) = Prepare("instances");
        var shown = host.Plan(HostUseCases.ApplyLayout, Changes.Layout(layout));
        var stale = shown with { Losses = [] };
        var before = Undone(host);
        var failure = Assert.Throws<ResourceBusyException>(
            () => host.Run(HostUseCases.ApplyLayout, Changes.Layout(layout) with { Confirmed = stale }));
        Assert.Equal(ErrorIds.PlanChanged, failure.ErrorId);
        Assert.Equal(before, Undone(host));
        host.Run(HostUseCases.ApplyLayout, Changes.Layout(layout) with { Confirmed = shown });
    }

    [Fact]
    public void Nothing_to_do_needs_no_lock()
    {
        var host = Changes.On("A30", mig: true);
        host.Node.Host.Files.CreateDirectory("/run/vgpups", 448);
        using var held = host.Node.Host.Files.TryLock("/run/vgpups/lock", 384);
        Assert.NotNull(held);
        Assert.Empty(host.Run(HostUseCases.ApplyLayout, Changes.Layout(Changes.With(mig: true))).Plan.Steps);
    }

    [Fact]
    public void Every_request_travels_as_JSON()
    {
        Travels(HostUseCases.ApplyLayout, new ApplyLayoutRequest
        {
            Source = "Sync-VgpuLayout",
            Gpus = [Changes.With(true, true, false, Changes.Equal(2), new InstanceLayout("2g.12gb", "0:2", []))],
            Force = true,
            Confirmed = new ChangePlan("GPU 0", ["a"], ["b"]),
        });
        Travels(HostUseCases.CreateMigInstances,
            new CreateMigInstancesRequest { Gpu = Changes.Gpu, Profiles = ["1g.6gb"], Count = 2 });
        Travels(HostUseCases.RemoveMigInstances,
            new RemoveMigInstancesRequest { Gpu = Changes.Gpu, GpuInstanceIds = [1, 2] });
        Travels(HostUseCases.CreateMigComputeInstances,
            new() { Gpu = Changes.Gpu, GpuInstanceId = 1, Profile = "1c.2g.12gb" });
        Travels(HostUseCases.RemoveMigComputeInstances,
            new() { Gpu = Changes.Gpu, GpuInstanceId = 1, ComputeInstanceIds = [0] });
        Travels(HostUseCases.CreateVgpu, new() { Gpu = Changes.Gpu, Type = "A30-12C", Uuid = "x", IsPlanOnly = true });
        Travels(HostUseCases.RemoveVgpu, new() { FunctionAddress = Changes.First });
        Travels(HostUseCases.SaveLayout, new() { Layout = new HostLayout([Changes.With(sriov: true)]) });
        Travels(HostUseCases.ExportLayout, new() { Gpus = [Changes.Gpu] });
        Assert.Equal(HostUseCases.All.Count, HostUseCases.All.Select(u => u.Name).Distinct().Count());
    }

    private static void Travels<TRequest, TResult>(UseCase<TRequest, TResult> useCase, TRequest request)
        where TRequest : notnull
        where TResult : notnull
    {
        var text = JsonSerializer.Serialize(request, useCase.RequestJson);
        var back = JsonSerializer.Deserialize(text, useCase.RequestJson)!;
        Assert.Equal(text, JsonSerializer.Serialize(back, useCase.RequestJson));
        Assert.DoesNotContain('\n', text);
    }

    /// <summary>What is made again is another object to the driver, with new handles.</summary>
    private static string Undone(Changes host) =>
        Regex.Replace(HostSnapshot.TakeUndone(host.Node), "\"serial\":[0-9]+", "");

    /// <summary>A host, and a layout whose way there makes the call.</summary>
    private static (Changes Host, GpuLayout Layout) Prepare(string what)
    {
        switch (what)
        {
            case "mig":
                return (Changes.On("A30"), Changes.With(mig: true));
            case "mixed":
                return (Changes.On("L40S"), Changes.With(mixed: true, scheduler: Changes.Equal(2)));
            default:
                var host = Changes.On("A30", mig: true);
                host.Do(HostUseCases.CreateMigInstances,
                    new CreateMigInstancesRequest { Gpu = Changes.Gpu, Profiles = ["1g.6gb", "1g.6gb"] });
                return (host, Changes.With(instances: [new("2g.12gb"), new("2g.12gb")]));
        }
    }

    private sealed class StopAt(int step, CancellationTokenSource stop) : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
            if (value.Step == step)
            {
                stop.Cancel();
            }
        }
    }
}
