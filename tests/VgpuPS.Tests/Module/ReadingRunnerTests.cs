using VgpuPS.Core.Errors;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Module;

public sealed class ReadingRunnerTests
{
    [Fact]
    public async Task Each_host_is_read_and_its_objects_carry_its_name()
    {
        var sink = new RecordingSink();
        await ReadAsync(sink, [Lab("one", "A30"), Lab("two", "L40S")], (inventory, _) => inventory.Gpus);
        Assert.Equal(
            ["one NVIDIA A30", "two NVIDIA L40S"],
            sink.Objects.Cast<GpuInfo>().Select(g => $"{g.VgpuHost} {g.Model}").Order(StringComparer.Ordinal));
        Assert.Empty(sink.Failures);
    }

    [Fact]
    public async Task A_host_that_fails_is_reported_and_the_others_go_on()
    {
        var sink = new RecordingSink();
        await ReadAsync(sink, [new DeadSession("gone"), Lab("one", "A30")], (inventory, _) => inventory.Gpus);
        Assert.Equal("gone is not there", Assert.Single(sink.Failures).Message);
        Assert.Single(sink.Objects);
    }

    [Theory]
    [InlineData("L40S", 0)]
    [InlineData("9", 1)]
    public async Task An_identity_that_only_one_host_has_is_no_error(string gpu, int failures)
    {
        var sink = new RecordingSink();
        await ReadAsync(sink, [Lab("one", "A30"), Lab("two", "L40S")], (inventory, fail) =>
        {
            try
            {
                return GpuSelector.Find(inventory.Gpus, gpu);
            }
            catch (ObjectNotFoundException failure)
            {
                fail(failure);
                return [];
            }
        });
        Assert.Equal(failures, sink.Failures.Count);
        Assert.Equal(1 - failures, sink.Objects.Count);
    }

    [Fact]
    public async Task A_reader_that_is_cancelled_stops_before_the_next_object()
    {
        using var stop = new CancellationTokenSource();
        var sink = new RecordingSink { OnObject = _ => stop.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadingRunner.RunAsync(
            sink, [Lab("one", "A30", "A30")], new ReadHostRequest(), (inventory, _, _) => inventory.Gpus, stop.Token));
        Assert.Single(sink.Objects);
    }

    [Fact]
    public async Task A_host_without_a_driver_is_shown_where_that_is_allowed()
    {
        var lab = LabHosts.Make("bare", new LabOptions { Gpus = ["A30"], WithVms = true }, false, null);
        var missing = await Assert.ThrowsAnyAsync<VgpuException>(() => ReadingRunner.ReadAsync(
            new RecordingSink(), new DeadSession("bare"), new ReadHostRequest(), CancellationToken.None));
        Assert.Equal(ErrorIds.SessionNotFound, missing.ErrorId);
        var host = (await ReadingRunner.ReadAsync(
            new RecordingSink(), lab, new ReadHostRequest(DriverMayBeMissing: true),
            CancellationToken.None)).ToHost("lab");
        Assert.Equal(("bare", "lab", "580.105.06", null), (host.VgpuHost, host.Kind, host.DriverVersion, host.Problem));
    }

    private static IHostSession Lab(string name, params string[] gpus) => LabHosts.Make(
        name, new LabOptions { Gpus = gpus, WithVms = true }, false, null);

    private static Task ReadAsync(
        RecordingSink sink, IReadOnlyList<IHostSession> sessions,
        Func<HostReport, Action<VgpuException>, IEnumerable<object>> select) => ReadingRunner.RunAsync(
        sink, sessions, new ReadHostRequest(), (inventory, _, fail) => select(inventory, fail), CancellationToken.None);

    /// <summary>Whoever answers first, objects come in the order of the sessions, and a fault is its own
    /// host's.</summary>
    [Fact]
    public async Task Results_come_in_the_order_of_the_sessions_whatever_one_of_them_answers()
    {
        var gate = new TaskCompletionSource();
        var answered = 0;
        var sink = new RecordingSink();
        var sessions = "abcd".Select(n => (IHostSession)new DeadSession($"{n}")).ToList();
        await ReadingRunner.ForEachAsync(sink, sessions, async (session, _) =>
        {
            if (session.Name == "a")
            {
                await gate.Task;
            }
            else if (Interlocked.Increment(ref answered) == 3)
            {
                gate.SetResult();
            }

            return session.Name switch
            {
                "b" => throw new InvalidOperationException("no elements"),
                "c" => Enumerable.Range(1, 2)
                    .Select(n => n == 2 ? throw new NotSupportedException("half way") : (object)n),
                _ => [$"{session.Name}1", $"{session.Name}2"],
            };
        }, CancellationToken.None);
        Assert.Equal(["a1", "a2", "d1", "d2"], sink.Objects);
        Assert.Equal(["b", "c"], sink.Failures.Select(f => f.Target));
        Assert.All(sink.Failures, f => Assert.StartsWith($"host {f.Target}: ", f.Message, StringComparison.Ordinal));
    }

    private sealed class DeadSession(string name) : IHostSession
    {
        public string Name => name;

        public string Kind => "ssh";

        public Task<TResult> RunAsync<TRequest, TResult>(
            UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
            CancellationToken cancellationToken)
            where TRequest : notnull
            where TResult : notnull =>
            throw new ObjectNotFoundException(
                ErrorIds.SessionNotFound, $"{name} is not there", "Connect-VgpuHost", name);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
