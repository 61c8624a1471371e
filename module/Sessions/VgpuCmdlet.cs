using System.Collections.Concurrent;

namespace VgpuPS.Sessions;

/// <summary>
/// Base of all commands: runs their work on another thread, writes on the pipeline's own, and leaves nothing running
/// when the pipeline ends, however it ends.
/// </summary>
public abstract class VgpuCmdlet : PSCmdlet, IDisposable
{
    private static readonly TimeSpan s_quietTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(100);

    // A call of this machine's driver that hangs can only be left with the process.
    private static readonly TimeSpan s_maxShutdown = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private bool _hasPassed = true;

    /// <summary>Whether the command tests, and one Boolean for all hosts and objects is all that it writes.</summary>
    private protected virtual bool IsQuiet => false;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (IsQuiet)
        {
            WriteObject(_hasPassed);
        }
    }

    /// <summary>Writes an object; on the thread of the pipeline.</summary>
    internal void Take(object value)
    {
        if (IsQuiet)
        {
            _hasPassed &= HasPassed(value);
        }
        else
        {
            WriteObject(RowAdvice.Of(value));
        }
    }

    /// <summary>Writes an error and goes on; on the thread of the pipeline. What could not be asked has not
    /// passed.</summary>
    internal void Take(VgpuException failure)
    {
        _hasPassed = false;
        WriteError(ErrorRecords.From(failure));
    }

    /// <summary>Whether a result of a test passed.</summary>
    private protected virtual bool HasPassed(object result) => true;

    /// <summary>Runs work, and writes what it writes until it has ended.</summary>
    private protected void Run(Func<ICommandSink, CancellationToken, Task> work)
    {
        var queue = new BlockingCollection<Action>();
        var sink = new CommandSink(this, queue, _stop.Token);
        var task = Task.Run(
            async () =>
            {
                try
                {
                    await work(sink, _stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    queue.CompleteAdding();
                }
            },
            CancellationToken.None);
        try
        {
            Pump(queue, sink);
        }
        finally
        {
            // A downstream command that wants no more, or an error that stops, ends the loop above with the work still
            // going.
            if (!queue.IsCompleted)
            {
                _stop.Cancel();
            }

            End(task, sink);
            if (task.IsCompleted)
            {
                queue.Dispose();
            }
        }
    }

    private void Pump(BlockingCollection<Action> queue, CommandSink sink)
    {
        var started = TimeProvider.System.GetTimestamp();
        long? stopped = null;
        while (!queue.IsCompleted)
        {
            if (_stop.IsCancellationRequested)
            {
                stopped ??= TimeProvider.System.GetTimestamp();
                if (TimeProvider.System.GetElapsedTime(stopped.Value) > s_maxShutdown)
                {
                    return;
                }
            }

            if (queue.TryTake(out var write, s_glance))
            {
                write();
            }

            if (TimeProvider.System.GetElapsedTime(started) > s_quietTime)
            {
                sink.ShowProgress();
            }
        }
    }

    private void End(Task task, CommandSink sink)
    {
        try
        {
            if (_stop.IsCancellationRequested && Task.WaitAny([task], s_maxShutdown) < 0)
            {
                return;
            }

            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The pipeline knows that it stops.
        }
        catch (VgpuException) when (_stop.IsCancellationRequested)
        {
            // It was given up on, and there is no reader any more.
        }
        catch (VgpuException failure) when (MyInvocation.ExpectingInput || IsQuiet)
        {
            // The next object may go to another host, and a test has its answer.
            Take(failure);
        }
        catch (VgpuException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
        finally
        {
            sink.EndProgress();
        }
    }
}
