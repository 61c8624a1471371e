using System.Text;
using VgpuPS.Core.Settings;
using VgpuPS.Host;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Seams;
using VgpuPS.Host.State;

namespace VgpuPS.Hook;

/// <summary>
/// The own part, done by a worker process as soon as it takes the host lock, below which the driver is called: a call
/// that hangs in the kernel cannot be ended, only left. A VM without vGPU takes no lock and has no worker.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="files">Its files.</param>
/// <param name="text">What is said.</param>
/// <param name="migratedFrom">Proxmox's PVE_MIGRATED_FROM.</param>
internal sealed class WorkerPhaseWork(HostPorts host, IHostFiles files, HookText text, string? migratedFrom)
    : IPhaseWork
{
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_hanging = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_leastUndo = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan s_lockGrace = TimeSpan.FromSeconds(5);

    private bool _isReported;

    public async Task<int> RunAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        var trap = new Trap();
        var here = new PhaseWork(host with { Lock = trap, Warn = warnings.Add }, text, migratedFrom)
            .RunAsync(vm, phase, cancellationToken);
        if (await Task.WhenAny(here, trap.IsSprung).ConfigureAwait(false) == here)
        {
            warnings.ForEach(text.Warn);
            return await here.ConfigureAwait(false);
        }

        return await RunWorkerAsync(vm, phase, cancellationToken).ConfigureAwait(false);
    }

    public Task UndoAsync(VmId vm) => RunWorkerAsync(vm, WorkerCommand.Undo, CancellationToken.None);

    private async Task<int> RunWorkerAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        using var page = WorkerPage.Create(host.Clock);
        using var worker = Start(vm, phase, page);
        var watch = new Watch(host.Clock, host.Settings.Load(), page, cancellationToken);
        while (!worker.TryWait(s_glance))
        {
            if (watch.IsNewlyStopped())
            {
                worker.Stop();
            }

            if (watch.Hanging is { } call && page.LockedAt is not null)
            {
                NotifyWaiters(worker, call);
            }

            if (watch.IsOver() && page.TryAbandon())
            {
                if (phase == Phases.PreStart)
                {
                    worker.Stop();
                }

                throw TimedOut(vm, phase, worker.Pid, watch);
            }
        }

        await RelayAsync(vm, phase, worker).ConfigureAwait(false);
        return worker.ExitCode ?? throw new HostCommandException(
            ErrorIds.HostCommandFailed,
            $"worker process {worker.Pid} was ended by signal {worker.Signal} before it was done",
            phase == Phases.PreStart
                ? $"start the VM again, which rolls back what was created: qm start {vm}; see what ended it: "
                    + $"journalctl -b -g {worker.Pid}"
                : "finish it: vgpu-hook sweep",
            $"vgpu-hook {WorkerCommand.Name} {vm} {phase}", null, worker.Error, vm.ToString());
    }

    private static WorkerProcess Start(VmId vm, string phase, WorkerPage page)
    {
        try
        {
            return WorkerProcess.Start([WorkerCommand.Name, vm.ToString(), phase], page);
        }
        catch (HostFileException e)
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed,
                $"the worker process could not be started: {e.Operation}: {Errno.Describe(e.Number)}",
                "see whether the host has processes and memory left: ps -e | wc -l; free -m", "vgpu-hook", null, "",
                vm.ToString());
        }
    }

    /// <summary>Passes on what the worker said; a start whose words are not delivered is rolled back.</summary>
    private async Task RelayAsync(VmId vm, string phase, WorkerProcess worker)
    {
        try
        {
            text.Relay(worker.Output, worker.Error);
        }
        catch (HostNotReadyException) when (phase == Phases.PreStart && worker.ExitCode == 0)
        {
            await UndoAsync(vm).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Says in the lock's file what its holder waits for.</summary>
    private void NotifyWaiters(WorkerProcess worker, (string Text, TimeSpan Lasted) call)
    {
        const int Max = 4096;
        var isHanging = call.Lasted > s_grace;
        if (!isHanging && !_isReported)
        {
            return;
        }

        _isReported = isHanging;
        try
        {
            var line = Encoding.UTF8.GetString(files.Read(StatePaths.Lock, Max)).Split('\n')[0];
            var since = (host.Clock.GetUtcNow() - call.Lasted).ToString(
                "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var report = line.Split("; in ")[0] + (isHanging ? $"; in {call.Text} since {since}" : "");
            if (line.StartsWith($"pid {worker.Pid}: ", StringComparison.Ordinal) && line != report)
            {
                files.WriteAttribute(StatePaths.Lock, report);
            }
        }
        catch (HostFileException)
        {
            // Waiters are shown who holds it all the same.
        }
    }

    private HostTimeoutException TimedOut(VmId vm, string phase, int pid, Watch watch)
    {
        var then = phase == Phases.PreStart ? "rolls back what it created" : "finishes";
        var what = watch.Hanging is { } call
            ? string.Create(CultureInfo.InvariantCulture,
                $"{call.Text} has not returned for {call.Lasted.TotalSeconds:0} s")
            : "it has made no call yet";
        var again = phase == Phases.PreStart ? $"then start the VM again: qm start {vm}" : "then: vgpu-hook sweep";
        return new HostTimeoutException(
            ErrorIds.Timeout,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}, and {watch.Limit}; worker process {pid}{StateOf(pid)} "
                    + $"{(watch.IsLocked ? "keeps the host lock until then" : "is left")}, and {then}"),
            $"see where it waits (cat /proc/{pid}/stack; journalctl -k -g NVRM); "
                + $"a GPU that does not answer again needs a reboot; {again}",
            vm.ToString());
    }

    /// <remarks>Source: proc_pid_status(5).</remarks>
    private string StateOf(int pid)
    {
        try
        {
            var state = Encoding.ASCII.GetString(files.Read($"/proc/{pid}/status", 1 << 16)).Split('\n')
                .FirstOrDefault(l => l.StartsWith("State:", StringComparison.Ordinal));
            return state is null ? "" : $" (state {state["State:".Length..].Trim()})";
        }
        catch (HostFileException)
        {
            return "";
        }
    }

    /// <summary>A host lock that is never had: it reports that a phase wants it.</summary>
    private sealed class Trap : IHostLock
    {
        private readonly TaskCompletionSource _sprung = new();

        public Task IsSprung => _sprung.Task;

        public Task<IAsyncDisposable> AcquireAsync(string holder, TimeSpan limit, CancellationToken cancellationToken)
        {
            _sprung.TrySetResult();
            return new TaskCompletionSource<IAsyncDisposable>().Task;
        }

        public ISharedHostLock? TryShare() => null;
    }

    /// <summary>How long a worker may take.</summary>
    private sealed class Watch(TimeProvider clock, HookSettings settings, WorkerPage page, CancellationToken stop)
    {
        private long? _waitsSince;
        private long? _stopped;

        /// <summary>What the worker called last, and how long ago.</summary>
        public (string Text, TimeSpan Lasted)? Hanging =>
            page.LastCall is var (text, at) ? (text, clock.GetElapsedTime(at)) : null;

        /// <summary>Whether the worker has the host lock.</summary>
        public bool IsLocked => page.LockedAt is not null;

        /// <summary>The limit in effect, for display.</summary>
        public string Limit => _stopped is not null ? "the start is interrupted"
            : page.LockedAt is null ? $"the {settings.LockTimeoutSeconds} s of lockTimeoutSeconds have elapsed"
            : $"the {settings.TimeoutSeconds} s of timeoutSeconds have elapsed";

        /// <summary>Whether SIGTERM has come since this was last asked.</summary>
        public bool IsNewlyStopped()
        {
            if (_stopped is not null || !stop.IsCancellationRequested)
            {
                return false;
            }

            _stopped = clock.GetTimestamp();
            return true;
        }

        /// <summary>
        /// Whether the time is over. A worker ends by itself between two calls, and rolls back what it made: it is
        /// waited
        /// for as long as it gets on.
        /// </summary>
        public bool IsOver()
        {
            if (page.LockedAt is not { } locked)
            {
                _waitsSince ??= clock.GetTimestamp();
                return clock.GetElapsedTime(_waitsSince.Value) > TimeSpan.FromSeconds(settings.LockTimeoutSeconds)
                    + s_lockGrace
                    || (_stopped is { } stopped && clock.GetElapsedTime(stopped) > s_lockGrace);
            }

            _waitsSince = null;
            var limit = TimeSpan.FromSeconds(settings.TimeoutSeconds);
            var over = clock.GetElapsedTime(locked) - limit;
            if (_stopped is { } at && clock.GetElapsedTime(at) > over)
            {
                over = clock.GetElapsedTime(at);
            }

            var undo = limit / 2 > s_leastUndo ? limit / 2 : s_leastUndo;
            var isHanging = Hanging is not { } call || call.Lasted > s_hanging;
            return over > undo || (over > s_grace && isHanging);
        }
    }
}
