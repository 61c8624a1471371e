using System.Collections.Concurrent;

namespace VgpuPS.Host.Linux;

/// <summary>Runs programs on this machine.</summary>
/// <remarks>
/// Not CliWrap, which the tests use: it waits until the last process that holds an output pipe has gone. Measured with
/// 3.10.5, published with NativeAOT: <c>/bin/sh -c "sleep 4 &amp; echo done"</c> returned after 4,006 ms. Here output
/// goes to memory that has no waiters, a deadline holds whatever a grandchild does, a child can be left to finish, and
/// it inherits neither a lock nor the session.
/// </remarks>
/// <param name="clock">Clock of deadlines and pauses.</param>
/// <param name="selfPath">
/// An executable that answers <see cref="WriteAttributeCommand"/>, which executes writes that may block; null for our
/// own.
/// </param>
public sealed class LinuxProcessRunner(TimeProvider clock, string? selfPath = null) : IProcessRunner
{
    private static readonly TimeSpan s_minPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_maxPause = TimeSpan.FromMilliseconds(50);

    // A killed program ends at once, unless a system call that cannot be interrupted holds it.
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<int, bool> _detached = new();

    /// <inheritdoc/>
    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReapDetached();
        if (!request.FileName.StartsWith('/'))
        {
            return NotStarted(Errno.ENOENT);
        }

        CallTrace.Note(request.FileName);
        SpawnedProgram program;
        try
        {
            program = SpawnedProgram.Start(request);
        }
        catch (HostFileException e)
        {
            return NotStarted(e.Number);
        }

        using (program)
        {
            var (hasEnded, status) = await WaitAsync(program, request, cancellationToken).ConfigureAwait(false);
            var output = program.ReadOutput();
            var error = program.ReadError();
            if (!hasEnded)
            {
                return new ProcessResult(null, null, true, 0, output, error);
            }

            // Source: wait(2): the low seven bits are the signal, the second byte is the exit code.
            var signal = status & 0x7F;
            return new ProcessResult(
                signal == 0 ? (status >> 8) & 0xFF : null, signal == 0 ? null : signal, false, 0, output, error);
        }
    }

    /// <inheritdoc/>
    public async Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var self = selfPath ?? Environment.ProcessPath ?? "/proc/self/exe";
        var request = new ProcessRequest(self, [WriteAttributeCommand.Name, path, value], deadline)
        {
            LeaveRunningAtDeadline = true,
        };
        var result = await RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (result.TimedOut)
        {
            return new AttributeWriteResult(false, null, 0);
        }

        if (result.ExitCode == 0)
        {
            return new AttributeWriteResult(true, null, 0);
        }

        if (result.ExitCode == WriteAttributeCommand.RefusedPath)
        {
            return new AttributeWriteResult(true, "open", Errno.EPERM);
        }

        var words = result.Output.Split(' ', StringSplitOptions.TrimEntries);
        return words.Length == 2
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var errno)
            ? new AttributeWriteResult(true, words[0], errno)
            : new AttributeWriteResult(true, "exec", result.StartErrno != 0 ? result.StartErrno : Errno.EIO);
    }

    private static ProcessResult NotStarted(int errno) => new(null, null, false, errno, "", "");

    /// <summary>Whether it ended in time, and its wait status; null when another thread reaped it.</summary>
    private async Task<(bool HasEnded, int? Status)> WaitAsync(
        SpawnedProgram program, ProcessRequest request, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var pause = s_minPause;
        while (true)
        {
            if (SpawnedProgram.TryReap(program.Pid, out var status))
            {
                return (true, status);
            }

            var remaining = request.Deadline == Timeout.InfiniteTimeSpan
                ? s_maxPause
                : request.Deadline - clock.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero)
            {
                await EndAsync(program, request).ConfigureAwait(false);
                return (false, null);
            }

            try
            {
                await Task.Delay(pause < remaining ? pause : remaining, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await EndAsync(program, request).ConfigureAwait(false);
                throw;
            }

            program.TrimOutput();
            pause = pause * 2 < s_maxPause ? pause * 2 : s_maxPause;
        }
    }

    private async Task EndAsync(SpawnedProgram program, ProcessRequest request)
    {
        if (!request.LeaveRunningAtDeadline)
        {
            program.Kill();
            var killed = clock.GetTimestamp();
            while (clock.GetElapsedTime(killed) < s_killLimit)
            {
                if (SpawnedProgram.TryReap(program.Pid, out _))
                {
                    return;
                }

                await Task.Delay(s_minPause, clock, CancellationToken.None).ConfigureAwait(false);
            }
        }

        _detached[program.Pid] = true;
    }

    /// <summary>Takes the ends of programs left running, which would stay in the process table until we end.</summary>
    private void ReapDetached()
    {
        foreach (var pid in _detached.Keys)
        {
            if (SpawnedProgram.TryReap(pid, out _))
            {
                _detached.TryRemove(pid, out _);
            }
        }
    }
}
