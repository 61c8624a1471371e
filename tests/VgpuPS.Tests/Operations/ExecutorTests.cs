using VgpuPS.Core.Errors;
using VgpuPS.Core.Events;
using VgpuPS.Core.Gpu;
using VgpuPS.Host;
using VgpuPS.Host.Execution;
using VgpuPS.Lab.Machine;
using Xunit;
using LabNode = VgpuPS.LabHook.LabHostNode;

namespace VgpuPS.Tests.Operations;

/// <summary>The engine that carries out every change, with steps that only note what is done.</summary>
public sealed class ExecutorTests : IProgress<StepProgress>, IEventLog
{
    private readonly LabNode _node = LabNodes.Of(["A30"], LabBackend.Vfio, functions: false);
    private readonly List<string> _seen = [];
    private readonly HostPorts _host;

    public ExecutorTests() => _host = _node.Connect(w => _seen.Add($"warning {w}")) with { Events = this };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Step_is_reported_then_done_then_logged()
    {
        var executor = Make();
        await executor.RunAsync(
            [Step("one"), Step("two") with { Texts = ["two", "and three"] }, Step("four") with { Event = null }],
            Token);
        Assert.Equal(
            ["1/4 one", "do one", "log one", "2/4 two", "3/4 and three", "do two", "log two", "4/4 four", "do four"],
            _seen);
        Assert.Equal(["one", "two", "and three", "four"], executor.Done);
    }

    [Fact]
    public async Task Steps_are_undone_newest_first_the_one_that_fails_included()
    {
        var executor = Make();
        await Assert.ThrowsAsync<ResourceBusyException>(() => executor.RunAsync(
            [Undoable(executor, "one"), Undoable(executor, "two"), Undoable(executor, "three", Busy), Step("four")],
            Token));
        Assert.Equal(
            ["1/4 one", "do one", "2/4 two", "do two", "3/4 three", "undo three", "undo two", "undo one"], _seen);
    }

    [Fact]
    public async Task Undo_that_fails_is_said_and_the_others_are_done()
    {
        var executor = Make();
        var stubborn = new ChangeStep("two", _ =>
        {
            executor.OnUndo(_ => throw Busy());
            throw Busy();
        });
        await Assert.ThrowsAsync<ResourceBusyException>(
            () => executor.RunAsync([Undoable(executor, "one"), stubborn], Token));
        Assert.Equal(
            ["1/2 one", "do one", "2/2 two", "warning could not roll back \"two\": it is busy", "undo one"], _seen);
    }

    [Fact]
    public async Task Undoing_is_bounded()
    {
        var executor = Make();
        var slow = new ChangeStep("two", _ =>
        {
            executor.OnUndo(_ =>
            {
                _node.Host.Clock.Advance(executor.UndoTime + TimeSpan.FromSeconds(1));
                return Task.CompletedTask;
            });
            throw Busy();
        });
        await Assert.ThrowsAsync<ResourceBusyException>(
            () => executor.RunAsync([Undoable(executor, "one"), slow], Token));
        Assert.StartsWith("warning could not roll back \"one\"", _seen[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("undo one", _seen);
    }

    [Fact]
    public async Task What_is_undone_on_one_GPU_leaves_what_must_stay_on_another()
    {
        var executor = Make();
        var kept = PciAddress.Parse(Changes.Gpu);
        var last = new ChangeStep("three", _ =>
        {
            executor.Keep(kept);
            throw Busy();
        });
        await Assert.ThrowsAsync<ResourceBusyException>(() => executor.RunAsync(
            [Undoable(executor, "one") with { Gpu = kept }, Undoable(executor, "two"), last], Token));
        Assert.Equal("undo two", _seen[^1]);
        Assert.DoesNotContain("undo one", _seen);
    }

    [Fact]
    public async Task Cancelling_stops_between_steps_and_undoes()
    {
        using var stop = new CancellationTokenSource();
        var executor = Make();
        var stopping = new ChangeStep("two", _ => stop.CancelAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => executor.RunAsync([Undoable(executor, "one"), stopping, Step("three")], stop.Token));
        Assert.Equal(["1/3 one", "do one", "2/3 two", "undo one"], _seen);
    }

    [Fact]
    public async Task Work_that_takes_too_long_ends_before_its_next_step()
    {
        var executor = new Executor(_host, "Test", this) { Limit = TimeSpan.FromSeconds(60) };
        var slow = new ChangeStep("one", _ =>
        {
            _node.Host.Clock.Advance(TimeSpan.FromSeconds(61));
            return Task.CompletedTask;
        });
        var failure = await Assert.ThrowsAsync<HostTimeoutException>(
            () => executor.RunAsync([slow, Step("two")], Token));
        Assert.Equal("the work was not finished within 60 s; the next step was: two", failure.Message);
        Assert.Equal(["1/2 one"], _seen);
    }

    [Fact]
    public async Task Rounds_go_on_until_nothing_changes_what_is_planned()
    {
        var executor = Make();
        executor.Expected = 3;
        var left = 3;
        await executor.ConvergeAsync(
            () => Task.FromResult(new Round("the host", [Step($"step {left}")], IsLast: --left == 0)), 2, Token);
        Assert.Equal(["1/3 step 3", "2/3 step 2", "3/3 step 1"], Reports);
    }

    [Theory]
    [InlineData(null, ErrorIds.HostNotPrepared, "the host")]
    [InlineData(Changes.Gpu, ErrorIds.SriovNotReady, Changes.Gpu)]
    public async Task What_does_not_converge_is_refused_after_so_many_rounds(string? gpu, string errorId, string target)
    {
        var executor = Make();
        var step = Step("switch it on") with { Gpu = gpu is null ? null : PciAddress.Parse(gpu) };
        var failure = await Assert.ThrowsAsync<HostNotReadyException>(() => executor.ConvergeAsync(
            () => Task.FromResult(new Round("the host", [step], IsLast: false)), 3, Token));
        Assert.Equal((errorId, target), (failure.ErrorId, failure.Target));
        Assert.Equal(
            "the host does not converge: after 3 rounds this remains to be done: switch it on", failure.Message);
        Assert.Equal(3, _seen.Count(s => s == "do switch it on"));
    }

    [Fact]
    public async Task Function_that_is_refused_has_the_rest_planned_anew()
    {
        var executor = Make();
        var refused = new List<PciAddress?>();
        await executor.ConvergeAsync(() => Task.FromResult(refused.Count == 0
            ? new Round("VM 101", [Refused(), Step("never")], IsLast: true) { Refused = e => refused.Add(e.Function) }
            : new Round("VM 101", [Step("another")], IsLast: true)), 1, Token);
        Assert.Equal([PciAddress.Parse(Changes.First)], refused);
        Assert.Equal(["another"], executor.Done);
    }

    [Fact]
    public async Task Functions_that_are_refused_without_end_are_refused_for_good()
    {
        var rounds = 0;
        var failure = await Assert.ThrowsAsync<ResourceBusyException>(() => Make().ConvergeAsync(
            () => Task.FromResult(new Round("VM 101", [Refused()], IsLast: true) { Refused = _ => rounds++ }),
            1, Token));
        Assert.Equal(("it is busy", 64), (failure.Message, rounds));
    }

    [Fact]
    public async Task Change_within_a_step_is_reported_as_that_step()
    {
        var executor = Make();
        var outer = new ChangeStep(
            "outer", token => Make(executor.Within).RunAsync([Step("inner 1"), Step("inner 2")], token));
        await executor.RunAsync([Step("first"), outer], Token);
        Assert.Equal(["1/2 first", "2/2 outer", "2/2 inner 1", "2/2 inner 2"], Reports);
    }

    private IEnumerable<string> Reports => _seen.Where(s => s.Contains('/', StringComparison.Ordinal));

    void IProgress<StepProgress>.Report(StepProgress value) => _seen.Add($"{value.Step}/{value.Count} {value.Text}");

    void IEventLog.Write(HostEvent entry)
    {
        Assert.Equal("Test", entry.Source);
        _seen.Add($"{entry.Action} {entry.Target}");
    }

    private Executor Make(IProgress<StepProgress>? progress = null) => new(_host, "Test", progress ?? this);

    private ChangeStep Step(string text) => new(text, "log", text, () => _seen.Add($"do {text}"));

    private ChangeStep Undoable(Executor executor, string text, Func<Exception>? fails = null) => new(text, _ =>
    {
        executor.OnUndo(token =>
        {
            token.ThrowIfCancellationRequested();
            _seen.Add($"undo {text}");
            return Task.CompletedTask;
        });
        if (fails is not null)
        {
            throw fails();
        }

        _seen.Add($"do {text}");
        return Task.CompletedTask;
    });

    private static ChangeStep Refused() => new(
        "refused", _ => throw new FunctionRefusedException(PciAddress.Parse(Changes.First), Busy()));

    private static ResourceBusyException Busy() => new(ErrorIds.ResourceBusy, "it is busy", "Wait");
}
