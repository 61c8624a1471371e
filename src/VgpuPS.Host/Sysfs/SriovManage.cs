using System.Globalization;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Sysfs;

/// <summary>Switches functions with NVIDIA's <c>sriov-manage</c>, one GPU at a time, and reads back what became of it.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs the tool.</param>
/// <param name="clock">Measures deadlines and pauses.</param>
/// <param name="heldLock">The host lock held now, which a tool left running inherits; null for none.</param>
/// <remarks>
/// Source: facts/host-behaviour.md 2, facts/errors.md B1: only <c>Cannot obtain unbindLock</c> is worth a retry, about
/// five times with a growing pause; exit codes prove nothing.
/// </remarks>
public sealed class SriovManage(
    IHostFiles files, IProcessRunner processes, TimeProvider clock, Func<IHostFileLock?> heldLock) : ISriovControl
{
    /// <summary>Where NVIDIA's driver package puts the tool.</summary>
    public const string Tool = "/usr/lib/nvidia/sriov-manage";

    private const string UnbindLock = "Cannot obtain unbindLock";
    private const int Retries = 5;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    // The tool returns when the functions are there; this covers a kernel that shows the last links a little later.
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(5);

    private readonly SysfsReader _reader = new(files);

    /// <summary>Enables all functions of one GPU and waits until they are there.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="deadline">How long all of it may take.</param>
    /// <param name="cancellationToken">Ends the wait; the tool itself is left to finish.</param>
    public Task EnableAsync(PciAddress gpu, TimeSpan deadline, CancellationToken cancellationToken) =>
        SwitchAsync(gpu, enable: true, deadline, cancellationToken);

    /// <summary>Disables all functions of one GPU and waits until they are gone.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="deadline">How long all of it may take.</param>
    /// <param name="cancellationToken">Ends the wait; the tool itself is left to finish.</param>
    public Task DisableAsync(PciAddress gpu, TimeSpan deadline, CancellationToken cancellationToken) =>
        SwitchAsync(gpu, enable: false, deadline, cancellationToken);

    private async Task SwitchAsync(PciAddress gpu, bool enable, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var run = new SriovRun(gpu, enable, deadline, clock);
        ProcessResult result;
        for (var attempt = 1; ; attempt++)
        {
            result = await StartAsync(run, cancellationToken).ConfigureAwait(false);
            if (!IsLockedOut(result))
            {
                break;
            }

            var pause = TimeSpan.FromSeconds(attempt);
            if (attempt > Retries || run.Remaining <= pause)
            {
                throw SriovErrors.Busy(run, attempt, result);
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
        }

        await WaitForFunctionsAsync(run, result, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsLockedOut(ProcessResult result) =>
        result.Output.Contains(UnbindLock, StringComparison.OrdinalIgnoreCase)
        || result.Error.Contains(UnbindLock, StringComparison.OrdinalIgnoreCase);

    private async Task<ProcessResult> StartAsync(SriovRun run, CancellationToken cancellationToken)
    {
        var hostLock = heldLock();
        var request = new ProcessRequest(Tool, run.Arguments, run.Remaining)
        {
            LeaveRunningAtDeadline = true,
            InheritedLock = hostLock,
        };
        cancellationToken.ThrowIfCancellationRequested();
        var result = await RunAsync(request, hostLock, run, cancellationToken).ConfigureAwait(false);
        if (result.StartErrno != 0)
        {
            throw SriovErrors.NotStarted(run, result.StartErrno);
        }

        if (result.TimedOut)
        {
            Announce(hostLock, run);
            throw SriovErrors.StillRunning(run);
        }

        return result;
    }

    private async Task<ProcessResult> RunAsync(
        ProcessRequest request, IHostFileLock? hostLock, SriovRun run, CancellationToken cancellationToken)
    {
        try
        {
            return await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Announce(hostLock, run);
            throw;
        }
    }

    // Whoever waits for the lock from now on waits for the tool, not for us.
    private void Announce(IHostFileLock? hostLock, SriovRun run)
    {
        try
        {
            hostLock?.WriteHolder(string.Create(
                CultureInfo.InvariantCulture,
                $"{run.Command}, left to finish at {clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        }
        catch (HostFileException)
        {
            // Waiters read the old holder's name; the lock is held all the same.
        }
    }

    private async Task WaitForFunctionsAsync(SriovRun run, ProcessResult result, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            var state = ReadState(run.Gpu);
            if (run.Enable ? state.IsComplete : state.IsEmpty)
            {
                return;
            }

            if (run.Remaining <= TimeSpan.Zero || clock.GetElapsedTime(since) >= s_settle)
            {
                throw SriovErrors.NotDone(run, state, result);
            }

            await Task.Delay(s_poll, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private SriovState ReadState(PciAddress gpu) => new(
        _reader.ReadNumber(SysfsPaths.Of(gpu, "sriov_totalvfs")) ?? 0,
        _reader.ReadNumber(SysfsPaths.Of(gpu, "sriov_numvfs")) ?? 0,
        VirtualFunctionLinks.Read(_reader, gpu).Count(link => _reader.Exists(SysfsPaths.Device(link.Address))));
}
