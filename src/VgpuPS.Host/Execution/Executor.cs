using VgpuPS.Core.Events;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Execution;

/// <summary>
/// Executes every change there is, step by step: each is reported when it begins and logged when it is done, and how
/// it is undone is remembered; when one fails, all of them are undone, newest first. What can be planned exactly only
/// from what a step left behind is planned again, in rounds. Stops between steps, never inside one.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="source">Who changes it, for the log of changes.</param>
/// <param name="progress">Notified when a step begins; null where no one listens.</param>
internal sealed class Executor(HostPorts host, string source, IProgress<StepProgress>? progress = null)
{
    private const int MaxRefusals = 64;

    private static readonly TimeSpan s_leastUndoTime = TimeSpan.FromSeconds(30);

    private readonly Stack<(ChangeStep Step, Func<CancellationToken, Task> Undo)> _undo = new();
    private readonly List<string> _done = [];
    private readonly long _started = host.Clock.GetTimestamp();
    private ChangeStep? _current;
    private string? _corrected;
    private int _begun;

    /// <summary>The VM for which it is done; null for none.</summary>
    public int? Vm { get; init; }

    /// <summary>Time for the whole work; null where each step has its own.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>How many sentences the plan has that was shown; more are counted as they come.</summary>
    public int Expected { get; set; }

    /// <summary>What has been done, in order.</summary>
    public IReadOnlyList<string> Done => _done;

    /// <summary>Time that is left, a millisecond at least.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            var left = Limit is { } limit ? limit - host.Clock.GetElapsedTime(_started) : TimeSpan.MaxValue;
            return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    public TimeSpan UndoTime => Limit is { } limit && limit / 2 > s_leastUndoTime ? limit / 2 : s_leastUndoTime;

    /// <summary>For a change that is a step of this one: what it reports counts as that step.</summary>
    public IProgress<StepProgress> Within => new Inner(this);

    /// <summary>Shows the steps as a plan, or carries them out.</summary>
    /// <exception cref="VgpuException">A step failed; those before it are undone where they say how.</exception>
    public static async Task<ChangeResult> RunAsync(
        HostPorts host, ChangeRequest request, string target, IReadOnlyList<ChangeStep> steps,
        IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var plan = new ChangePlan(target, [.. steps.SelectMany(s => s.Texts)], []);
        if (!request.IsPlanOnly)
        {
            await new Executor(host, request.Source, progress).RunAsync(steps, cancellationToken).ConfigureAwait(false);
        }

        return new ChangeResult(plan, []);
    }

    /// <summary>Executes steps in order; when one fails, they are undone.</summary>
    /// <exception cref="VgpuException">A step failed.</exception>
    public Task RunAsync(IReadOnlyList<ChangeStep> steps, CancellationToken cancellationToken)
    {
        Expected = Math.Max(Expected, _begun + steps.Sum(s => s.Texts.Count));
        return RunOrUndoAsync(async () =>
        {
            foreach (var step in steps)
            {
                await RunAsync(step, cancellationToken).ConfigureAwait(false);
            }

            return true;
        });
    }

    /// <summary>Plans and executes until a round is the last one.</summary>
    /// <param name="plan">Reads the host and plans.</param>
    /// <param name="maxRounds">How many rounds may change what the rest is planned from.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="HostNotReadyException">Still not the last one after so many.</exception>
    /// <exception cref="VgpuException">A step failed; what was done is still there.</exception>
    public async Task ConvergeAsync(Func<Task<Round>> plan, int maxRounds, CancellationToken cancellationToken)
    {
        for (var (number, changing) = (0, 0); ; number++)
        {
            var round = await plan().ConfigureAwait(false);
            if (!round.IsLast && changing++ == maxRounds)
            {
                throw NotConverged(round, maxRounds);
            }

            var isDone = await TryRunAsync(round, number, cancellationToken).ConfigureAwait(false);
            round.Ended?.Invoke();
            if (isDone && round.IsLast)
            {
                return;
            }
        }
    }

    /// <summary>Does what must succeed as a whole: where it fails, all that was done is undone.</summary>
    public async Task<T> RunOrUndoAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException)
        {
            await UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Remembers how the present step is undone; said before it is done, so half of it is undone.</summary>
    public void OnUndo(Func<CancellationToken, Task> undo) => _undo.Push((_current!, undo));

    /// <summary>Undoes the newest part of the present step, since another way is tried.</summary>
    public Task UndoNewestAsync(CancellationToken cancellationToken) => _undo.Pop().Undo(cancellationToken);

    /// <summary>What was done on a GPU stays: a program that must not be disturbed is at work on it.</summary>
    public void Keep(PciAddress gpu)
    {
        var others = _undo.Where(d => d.Step.Gpu != gpu).Reverse().ToList();
        _undo.Clear();
        others.ForEach(_undo.Push);
    }

    /// <summary>The present step did something else than it said.</summary>
    public void Correct(string text) => _corrected = text;

    /// <summary>Writes a line of the log of changes.</summary>
    public void Log(string action, string target, string before, string after) =>
        host.Events.Write(new HostEvent(source, Vm, action, target, before, after));

    private async Task<bool> TryRunAsync(Round round, int number, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var step in round.Steps)
            {
                await RunAsync(step, cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (FunctionRefusedException e)
        {
            if (round.Refused is null || number >= MaxRefusals)
            {
                throw e.Reason;
            }

            round.Refused(e);
            return false;
        }
    }

    private async Task RunAsync(ChangeStep step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (host.Clock.GetElapsedTime(_started) > Limit)
        {
            throw new HostTimeoutException(
                ErrorIds.Timeout,
                $"the work was not finished within {Limit?.TotalSeconds:0} s; the next step was: {step.Text}",
                "raise timeoutSeconds in /etc/vgpups/config.json, and see what is slow: "
                    + "journalctl -b -u nvidia-vgpu-mgr",
                step.Gpu?.ToString());
        }

        (_current, _corrected) = (step, null);
        foreach (var text in step.Texts)
        {
            _begun++;
            Report(text);
        }

        await step.Run!(cancellationToken).ConfigureAwait(false);
        if (step.Event is { } line)
        {
            Log(line.Action, line.Target, line.Before, line.After);
        }

        _done.AddRange(_corrected is null ? step.Texts : [_corrected]);
    }

    /// <summary>Reports what became known while the present step runs.</summary>
    public void Report(PerformanceOutcome outcome) => progress?.Report(
        new StepProgress(_begun, Math.Max(Expected, _begun), "") { Outcome = outcome });

    private void Report(string text) => progress?.Report(new StepProgress(_begun, Math.Max(Expected, _begun), text));

    /// <summary>Undoes what was done; what cannot be undone is said and left to the next sweep.</summary>
    public async Task UndoAsync()
    {
        using var limit = new CancellationTokenSource(UndoTime, host.Clock);
        while (_undo.TryPop(out var done))
        {
            try
            {
                await done.Undo(limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is VgpuException or OperationCanceledException)
            {
                host.Warn($"could not roll back \"{done.Step.Text}\": {e.Message}");
            }
        }
    }

    private static HostNotReadyException NotConverged(Round round, int rounds)
    {
        var gpu = round.Steps[^1].Gpu;
        return new HostNotReadyException(
            gpu is null ? ErrorIds.HostNotPrepared : ErrorIds.SriovNotReady,
            $"{round.Target} does not converge: after {rounds} rounds this remains to be done: "
                + string.Join("; ", round.Steps.Select(s => s.Text)),
            gpu is null ? "check the host: vgpu-hook doctor"
                : "look at it: vgpu-hook show; journalctl -k -g NVRM",
            gpu?.ToString() ?? round.Target);
    }

    private sealed class Inner(Executor outer) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => outer.Report(value.Text);
    }
}
