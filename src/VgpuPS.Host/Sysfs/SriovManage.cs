namespace VgpuPS.Host.Sysfs;

/// <summary>
/// Enables and disables functions with NVIDIA's <c>sriov-manage</c>, one GPU at a time, and reads back what became of
/// it.
/// </summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs the tool.</param>
/// <param name="clock">Measures deadlines and pauses.</param>
/// <param name="heldLock">The host lock held now, which a tool left running inherits; null for none.</param>
/// <remarks>
/// Source: facts/host-behaviour.md 2, facts/errors.md B1: only <c>Cannot obtain unbindLock</c> is worth a retry, about
/// five times with a growing pause; exit codes prove nothing.
/// </remarks>
public sealed class SriovManage(
    IHostFiles files, IProcessRunner processes, TimeProvider clock, Func<IHostFileLock?> heldLock)
{
    /// <summary>Where NVIDIA's driver package puts the tool.</summary>
    public const string Tool = "/usr/lib/nvidia/sriov-manage";

    private const string UnbindLock = "Cannot obtain unbindLock";
    private const int Retries = 5;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    // The tool returns when the functions are there; this covers a kernel that shows the last links a little later.
    private static readonly TimeSpan s_convergence = TimeSpan.FromSeconds(5);

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

            if (run.Remaining <= TimeSpan.Zero || clock.GetElapsedTime(since) >= s_convergence)
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

/// <summary>One run that enables or disables a GPU's functions, and the time that is left for it.</summary>
internal sealed class SriovRun(PciAddress gpu, bool enable, TimeSpan deadline, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();

    public PciAddress Gpu { get; } = gpu;

    public bool Enable { get; } = enable;

    public TimeSpan Deadline { get; } = deadline;

    public IReadOnlyList<string> Arguments { get; } = [enable ? "-e" : "-d", gpu.ToString()];

    public string Command => $"{SriovManage.Tool} {string.Join(' ', Arguments)}";

    public TimeSpan Remaining
    {
        get
        {
            var remaining = Deadline - clock.GetElapsedTime(_start);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }
}

/// <summary>How many functions a GPU can have, has by its own count, and shows as devices.</summary>
internal readonly record struct SriovState(int Total, int Enabled, int Visible)
{
    public bool IsComplete => Total > 0 && Enabled == Total && Visible == Total;

    public bool IsEmpty => Enabled == 0 && Visible == 0;
}

/// <summary>What a failed run of <c>sriov-manage</c> means, and what to do.</summary>
/// <remarks>Source: facts/errors.md A7, A9, B1-B3.</remarks>
internal static class SriovErrors
{
    private const int ShownOutput = 400;

    public static ResourceBusyException Busy(SriovRun run, int attempts, ProcessResult result) => new(
        ErrorIds.ResourceBusy,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Command} did not get the GPU after {attempts} attempts: a program holds it ({Shorten(result)})"),
        "find the program and stop it: fuser -v /dev/nvidia*; for instance: "
        + "systemctl stop nvidia-persistenced nvidia-dcgm",
        run.Gpu.ToString());

    public static VgpuException NotStarted(SriovRun run, int errno) => errno switch
    {
        Errno.EACCES or Errno.EPERM => new AccessDeniedException(
            ErrorIds.AccessDenied, $"{SriovManage.Tool} was not started: {Errno.Describe(errno)}",
            $"run the command as root, and check the program: ls -l {SriovManage.Tool}", run.Gpu.ToString()),
        _ => new HostNotReadyException(
            ErrorIds.SriovNotReady, $"{SriovManage.Tool} was not started: {Errno.Describe(errno)}",
            "install NVIDIA's vGPU host driver (the vgpu-kvm package), which contains it; see the present one: "
                + "nvidia-smi", run.Gpu.ToString()),
    };

    public static HostTimeoutException StillRunning(SriovRun run) => new(
        ErrorIds.Timeout,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Command} had not ended after {run.Deadline.TotalSeconds:0.#} s; "
                + $"it is left to finish and keeps the lock"),
        "wait until it has ended, then try again: pgrep -a sriov-manage; see what it waits for: journalctl -k -g NVRM",
        run.Gpu.ToString());

    public static HostCommandException NotDone(SriovRun run, SriovState state, ProcessResult result)
    {
        var reported = result.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}")
            : string.Create(CultureInfo.InvariantCulture, $"was ended by signal {result.Signal}");
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Command} {reported}, and {run.Gpu} has {state.Enabled} of {state.Total} virtual functions enabled, "
            + $"{state.Visible} of them visible ({Shorten(result)})");
        return new HostCommandException(
            result.ExitCode == 0 ? ErrorIds.ReadBackMismatch : ErrorIds.HostCommandFailed, message, Advice(run, state),
            run.Command, result.ExitCode, Text(result), run.Gpu.ToString());
    }

    private static string Advice(SriovRun run, SriovState state)
    {
        if (!run.Enable)
        {
            return "stop the VMs that use its functions (qm list) and whatever holds it (fuser -v /dev/nvidia*)";
        }

        return state.Total == 0
            ? $"enable SR-IOV in the firmware and, on boards with a display mode, the mode compute of NVIDIA's "
                + $"{GpuBoard.ModeTool}; then check: "
                + $"cat /sys/bus/pci/devices/{run.Gpu}/sriov_totalvfs"
            : "see what the kernel reports: journalctl -k -g 'NVRM|SR-IOV'; not enough MMIO resources there means: "
                + "enable Above 4G decoding in the firmware";
    }

    private static string Text(ProcessResult result) => $"{result.Output}\n{result.Error}".Trim();

    private static string Shorten(ProcessResult result)
    {
        var text = Text(result).ReplaceLineEndings(" ");
        return text.Length == 0 ? "it printed nothing" : text.Length <= ShownOutput ? text : text[^ShownOutput..];
    }
}
