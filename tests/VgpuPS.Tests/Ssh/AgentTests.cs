using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Ssh;

public sealed class AgentTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task An_agent_says_who_it_is_and_runs_what_it_is_asked_for()
    {
        await using var pair = await AgentPair.OpenAsync();
        Assert.Equal((AgentProtocol.Version, "pve1", true),
            (pair.Client.Agent!.Protocol, pair.Client.Agent.Node, pair.Client.Agent.IsRoot));
        Assert.Contains("showHost", pair.Client.Agent.UseCases);
        var report = await ShowAsync(pair);
        Assert.Equal(["NVIDIA A30", "NVIDIA A30"], report.Gpus.Select(g => g.Model));
    }

    [Fact]
    public async Task Many_requests_run_at_once_and_each_gets_its_own_answer()
    {
        await using var pair = await AgentPair.OpenAsync();
        var vms = await Task.WhenAll(Enumerable.Range(0, 24).Select(async n =>
            n % 2 == 0 ? (await ShowAsync(pair)).Vms.Count.ToString(CultureInfo.InvariantCulture)
                : (await FailAsync(pair, "999")).ErrorId));
        Assert.All(vms.Where((_, n) => n % 2 == 0), v => Assert.NotEqual("0", v));
        Assert.All(vms.Where((_, n) => n % 2 == 1), v => Assert.Equal(ErrorIds.VmNotFound, v));
    }

    [Fact]
    public async Task Steps_are_reported_and_the_change_is_made()
    {
        await using var pair = await AgentPair.OpenAsync();
        var observer = new RecordingObserver();
        await pair.Client.RunAsync(HostUseCases.ApplyLayout, EnableFunctions(), observer, s_none);
        Assert.Contains(observer.Steps, s => s.Contains("16 virtual functions", StringComparison.Ordinal));
        Assert.Equal(16, (await ShowAsync(pair)).Gpus[0].Functions.Count);
    }

    [Fact]
    public async Task Rows_of_a_measurement_arrive_before_its_end_with_visible_texts()
    {
        await using var pair = await AgentPair.OpenAsync();
        var row = new VgpuPerformanceInfo
        {
            VmId = 101,
            VmName = null,
            Workload = "DeviceMemory",
            Mode = "Idle",
            Tool = "Builtin",
            Value = 786.25,
            Unit = "GB/s",
            Spread = null,
            Samples = [786, 786.5],
            Peak = null,
            GpuPeak = 933,
            Sharing = "TimeSliced",
            VgpuType = "A30-6C",
            GpuUuid = "GPU-1",
            GpuAddress = "0000:4b:00.0",
            Model = "NVIDIA A30",
            VgpuCount = 4,
            WorkingCount = 1,
            Time = new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc),
            Seconds = 9.5,
            IsSimulated = true,
            Conditions = new VgpuPerformanceConditions { License = "Licensed" },
            Notes = ["by \u001b[31mred"],
        };
        var outcomes = new List<PerformanceOutcome>();
        var problem = new HostProblem("ResourceBusyException", "VgpuBusy", "it is busy", "wait", "101", null);
        foreach (var outcome in new[] { new PerformanceOutcome(row, null), new PerformanceOutcome(null, problem) })
        {
            AgentPair.Outcome = () => outcome;
            var observer = new RecordingObserver(step => outcomes.Add(step.Outcome!));
            Assert.NotEmpty((await pair.Client.RunAsync(
                AgentPair.Measuring, new ReadHostRequest(), observer, s_none)).Gpus);
        }

        Assert.Equal(problem, outcomes[1].Problem);
        var found = outcomes[0].Row!;
        Assert.Equal([@"by \e[31mred"], found.Notes);
        Assert.Equal((null, null, row.Time, row.Conditions), (found.VmName, found.Peak, found.Time, found.Conditions));
        Assert.Equal(row.Samples, found.Samples);
        Assert.Equal("lab", PerformanceOutcomes.Show(outcomes[0], "lab").Row!.VgpuHost);
    }

    [Fact]
    public async Task A_failure_arrives_with_all_that_it_says()
    {
        await using var pair = await AgentPair.OpenAsync();
        var failure = await FailAsync(pair, "4711");
        Assert.IsType<ObjectNotFoundException>(failure);
        Assert.Equal(ErrorIds.VmNotFound, failure.ErrorId);
        Assert.StartsWith("host pve1: ", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.RecommendedAction);
        Assert.Equal("4711", failure.Target);
    }

    [Fact]
    public async Task Cancelling_reaches_the_host_and_waits_for_what_it_rolls_back()
    {
        await using var pair = await AgentPair.OpenAsync();
        using var stop = new CancellationTokenSource();
        var observer = new RecordingObserver(_ => stop.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            pair.Client.RunAsync(AgentPair.Endless, new ReadHostRequest(), observer, stop.Token));
        Assert.Equal(["begin", "take back"], observer.Steps);
        Assert.NotEmpty((await ShowAsync(pair)).Gpus);
    }

    [Fact]
    public async Task What_a_login_prints_before_is_skipped_and_reported()
    {
        await using var pair = await AgentPair.OpenAsync("Welcome to pve1\n\u001b[31mmind the gap");
        Assert.Equal(["Welcome to pve1", @"\e[31mmind the gap"], pair.Client.UnexpectedOutput);
        Assert.NotEmpty((await ShowAsync(pair)).Gpus);
    }

    [Fact]
    public async Task An_agent_ends_with_its_input()
    {
        await using var pair = await AgentPair.OpenAsync();
        await pair.Channel.DisposeAsync();
        await pair.Serving.WaitAsync(TimeSpan.FromSeconds(30), s_none);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_fails_what_runs_and_all_that_comes_after()
    {
        await using var pair = await AgentPair.OpenAsync();
        var observer = new RecordingObserver(_ => pair.BreakOff());
        var running = await Assert.ThrowsAsync<HostConnectionException>(() => pair.Client.RunAsync(
            AgentPair.Endless, new ReadHostRequest(), observer, s_none));
        Assert.Equal(ErrorIds.ConnectionLost, running.ErrorId);
        Assert.Contains("endless", running.Message, StringComparison.Ordinal);
        var after = await Assert.ThrowsAsync<HostConnectionException>(() => ShowAsync(pair));
        Assert.Contains("the session has ended", after.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_is_stopped_says_so_to_those_who_wait()
    {
        await using var pair = await AgentPair.OpenAsync();
        var observer = new RecordingObserver(step => _ = step.Step == 1 ? pair.StopAgentAsync() : null);
        var failure = await Assert.ThrowsAsync<HostConnectionException>(() => pair.Client.RunAsync(
            AgentPair.Endless, new ReadHostRequest(), observer, s_none));
        Assert.Equal(ErrorIds.ConnectionLost, failure.ErrorId);
    }

    [Fact]
    public async Task What_an_older_agent_does_not_know_is_reported_with_the_command_that_updates_it()
    {
        await using var pair = await AgentPair.OpenAsync();
        var unknown = new UseCase<ReadHostRequest, HostReport>(
            "flyToTheMoon", HostUseCases.ReadHost.RequestJson, HostUseCases.ReadHost.ResultJson,
            (_, _, _, _) => throw new NotSupportedException());
        var failure = await Assert.ThrowsAsync<HostConnectionException>(() => pair.Client.RunAsync(
            unknown, new ReadHostRequest(), new RecordingObserver(), s_none));
        Assert.Equal(ErrorIds.AgentVersionMismatch, failure.ErrorId);
        Assert.Contains("Update-VgpuHost", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "Update-VgpuHost -HostName root@pve1")]
    [InlineData(3, "Update-PSResource VgpuPS")]
    public void Another_protocol_is_refused_with_the_command_that_helps(int protocol, string action)
    {
        var handshake = new AgentHandshake(protocol, "9.9.9", "pve1", "root", true, []);
        var failure = Assert.Throws<HostConnectionException>(
            () => AgentProtocol.CheckVersion(handshake, "root@pve1", "0.1.0"));
        Assert.Contains("9.9.9", failure.Message, StringComparison.Ordinal);
        Assert.Contains(action, failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_VM_of_a_simulated_host_starts_through_its_agent()
    {
        await using var pair = await AgentPair.OpenAsync();
        var started = await pair.Client.RunAsync(
            LabUseCases.StartVm, new LabVmRequest(101), new RecordingObserver(), s_none);
        Assert.Null(started.Error);
        Assert.Equal("running", (await ShowAsync(pair)).Vms.Single(v => v.Id == 101).Status);
    }

    [Fact]
    public async Task Lines_that_are_none_of_ours_do_not_end_a_session()
    {
        await using var pair = await AgentPair.OpenAsync();
        pair.Channel.PostRaw("rubbish\n{\"kind\":\"Dance\"}\n{}\n"u8.ToArray());
        Assert.NotEmpty((await ShowAsync(pair)).Gpus);
    }

    [Fact]
    public void Every_failure_survives_the_way()
    {
        VgpuException[] all =
        [
            new InvalidRequestException("A", "m", "do", "t"), new UnreadableDataException("A", "m", "do", "t"),
            new ObjectNotFoundException("A", "m", "do", "t"), new HostNotReadyException("A", "m", "do", "t"),
            new NativeCallException("A", "m", "do", "nvmlX", 19, "t"),
            new HostCommandException("A", "m", "do", "qm", 2, "out", "t"),
            new ResourceBusyException("A", "m", "do", "t"), new CapacityException("A", "m", "do", "t"),
            new HostTimeoutException("A", "m", "do", "t"), new AccessDeniedException("A", "m", "do", "t"),
            new HostConnectionException("A", "m", "do", "t") { IsTransient = true },
            new ProgramFaultException("A", "m", "do", "t"),
        ];
        Assert.Equal(
            typeof(VgpuException).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(VgpuException)))
                .Order(Comparer<Type>.Create(
                (a, b) => string.CompareOrdinal(a.Name, b.Name))),
            all.Select(e => e.GetType()).Order(Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))));
        foreach (var sent in all)
        {
            var json = AgentProtocol.Write(
                new AgentFrame(AgentFrameKind.Failure) { Id = 1, Failure = AgentFailure.From(sent) });
            var got = AgentProtocol.TryRead(json.AsSpan(..^1))!.Failure!.ToException("pve1");
            Assert.Equal(sent.GetType(), got.GetType());
            Assert.Equal("host pve1: m", got.Message);
            Assert.All(
                sent.GetType().GetProperties().Where(p => p.DeclaringType!.IsAssignableTo(typeof(VgpuException))),
                p => Assert.Equal(p.GetValue(sent), p.GetValue(got)));
        }
    }

    private static ApplyLayoutRequest EnableFunctions() =>
        new() { Gpus = [new GpuLayout { Gpu = "0000:4b:00.0", Sriov = true }], Source = "Enable-Sriov" };

    private static Task<HostReport> ShowAsync(AgentPair pair) =>
        pair.Client.RunAsync(HostUseCases.ReadHost, new ReadHostRequest(), new RecordingObserver(), s_none);

    private static Task<VgpuException> FailAsync(AgentPair pair, string vm) =>
        Assert.ThrowsAnyAsync<VgpuException>(() =>
        pair.Client.RunAsync(
            HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = vm }, new RecordingObserver(), s_none));
}
