using System.Globalization;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

/// <summary>Runs programs on this machine.</summary>
/// <param name="clock">Clock of deadlines and pauses.</param>
/// <param name="selfPath">Our own executable, which carries out writes that may block.</param>
public sealed class LinuxProcessRunner(TimeProvider clock, string selfPath) : IProcessRunner
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!request.FileName.StartsWith('/'))
        {
            return new ProcessResult(null, null, false, Errno.ENOENT, "", "");
        }

        using var program = SpawnedProgram.Start(request);
        if (program.StartErrno != 0)
        {
            return new ProcessResult(null, null, false, program.StartErrno, "", "");
        }

        var status = await WaitAsync(program, request, cancellationToken).ConfigureAwait(false);
        var output = program.ReadOutput();
        var error = program.ReadError();
        if (status is not { } ended)
        {
            return new ProcessResult(null, null, true, 0, output, error);
        }

        var signal = ended & 0x7F;
        return signal == 0
            ? new ProcessResult((ended >> 8) & 0xFF, null, false, 0, output, error)
            : new ProcessResult(null, signal, false, 0, output, error);
    }

    /// <inheritdoc/>
    public async Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var request = new ProcessRequest(selfPath, [WriteAttributeCommand.Name, path, value], deadline)
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

        var words = result.Output.Split(' ', StringSplitOptions.TrimEntries);
        return words.Length == 2 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var errno)
            ? new AttributeWriteResult(true, words[0], errno)
            : new AttributeWriteResult(true, "exec", result.StartErrno != 0 ? result.StartErrno : Errno.EIO);
    }

    /// <summary>The wait status, or null when the deadline came first.</summary>
    private async Task<int?> WaitAsync(
        SpawnedProgram program, ProcessRequest request, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            if (program.TryReap() is { } status)
            {
                return status;
            }

            if (request.Deadline != Timeout.InfiniteTimeSpan && clock.GetElapsedTime(started) >= request.Deadline)
            {
                await EndAsync(program, request).ConfigureAwait(false);
                return null;
            }

            try
            {
                await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await EndAsync(program, request).ConfigureAwait(false);
                throw;
            }

            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private async Task EndAsync(SpawnedProgram program, ProcessRequest request)
    {
        if (request.LeaveRunningAtDeadline)
        {
            return;
        }

        program.Kill();
        while (program.TryReap() is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), clock, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
