using VgpuPS.Lab.Files;
using VgpuPS.Lab.Nvml;
using VgpuPS.Lab.Platform;
using VgpuPS.Lab.Processes;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Machine;

/// <summary>One simulated machine behind the three seams, in memory or in a file.</summary>
/// <remarks>Source: facts/host-behaviour.md 1-6; each rule names its own.</remarks>
public sealed partial class LabHost : ILabMachine
{
    private static readonly TimeSpan s_restart = TimeSpan.FromSeconds(90);

    private readonly string? _node;
    private LabState? _root;
    private LabState? _state;

    private LabHost(LabStore store, string? node)
    {
        _store = store;
        _node = node;
        Clock = new LabClock(this);
        Nvml = new LabNvml(this);
        Files = new LabFiles(this);
        Processes = new LabProcesses(this);
    }

    /// <summary>The state as this process last read it; change it between calls and with <see cref="Edit"/>
    /// only.</summary>
    public LabState State
    {
        get
        {
            if (!ReferenceEquals(_root, _store.Root))
            {
                var root = _store.Root;
                _state = _node is null || root.Cluster is not { } cluster || cluster.Nodes[0] == _node
                    ? root : cluster.Others[_node];
                _root = root;
            }

            return _state!;
        }
    }

    /// <summary>NVML.</summary>
    public LabNvml Nvml { get; }

    /// <summary>Kernel files and ordinary files.</summary>
    public LabFiles Files { get; }

    /// <summary>Programs.</summary>
    public LabProcesses Processes { get; }

    /// <summary>The clock.</summary>
    public LabClock Clock { get; }

    /// <summary>What every call passes.</summary>
    public LabGate Gate { get; } = new();

    IHostFiles ILabMachine.Files => Files;

    TimeProvider ILabMachine.Clock => Clock;

    /// <summary>Changes the state as no seam can: GPUs' processes, missing libraries, guests' drivers.</summary>
    /// <param name="change">What to do.</param>
    public void Edit(Action<LabState> change) => With(state =>
    {
        change(state);
        Change();
        return state;
    });

    /// <summary>Puts an ordinary file in place, with its folders, without passing the gate.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="content">Its text.</param>
    /// <param name="mode">Permission bits.</param>
    public void Put(string path, string content, int mode = LabEntry.FileMode) =>
        Edit(state => LabTree.PutFile(state, path, Encoding.UTF8.GetBytes(content), mode));

    /// <summary>Lets simulated time pass.</summary>
    /// <param name="time">How long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        Task.Delay(time, Clock, cancellationToken);

    /// <summary>
    /// Restarts the machine: processes, functions, instances, vGPUs, flocks and <c>/run</c> are gone; MIG mode stays
    /// on models whose mode is known to outlive it.
    /// </summary>
    /// <remarks>Source: facts/host-behaviour.md 1.3, 2, 4, 5 and 6: what a reboot loses.</remarks>
    /// <param name="boot">How the boot goes; null for what the machine is set to; a given one stays set.</param>
    public void Reboot(LabBootSetup? boot = null) => Edit(state =>
    {
        // How long a restart takes is assumed; files that were changed before it are older than it.
        (state.WallTicks, state.MonotonicNs) =
            (state.WallTicks + s_restart.Ticks, state.MonotonicNs + (long)s_restart.TotalNanoseconds);
        state.BootTicks = state.WallTicks;
        state.BootId = LabStart.MakeUuid($"boot {state.BootId}");
        state.Processes.Clear();
        state.NvmlClients.Clear();
        state.Programs.Clear();
        state.Locks.Clear();
        state.KernelLog.Clear();
        foreach (var gpu in state.Gpus)
        {
            LabGpuRules.Rebind(gpu);
            gpu.FunctionCount = 0;
            gpu.FunctionDrivers.Clear();
            gpu.Overrides.Clear();
            gpu.ComputeProcesses.Clear();
            gpu.MigCurrent = gpu.Model.MigPersists && gpu.MigPending;
            gpu.MigPending = gpu.MigCurrent;
        }

        LabKernelStart.Run(state);
        LabStart.MakeVolatileFolders(state);
        state.Setup.Boot = boot ?? state.Setup.Boot;
        LabBoot.Begin(state, state.Setup.Boot);
    });

    /// <summary>The kernel log's lines, as in <c>dmesg</c>.</summary>
    public string KernelLog => With(state => string.Join('\n', state.KernelLog));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Blocks the running actor until a condition holds or a time is over, when a scheduler runs.</summary>
    internal Func<Func<bool>, TimeSpan, bool>? Waiter { get; set; }

    /// <summary>Waits for what another actor must do; false when the time came first.</summary>
    internal bool BlockUntil(Func<bool> condition, TimeSpan limit, string what)
    {
        if (With(_ => condition()))
        {
            return true;
        }

        if (Waiter is { } wait)
        {
            return wait(condition, limit);
        }

        if (limit < TimeSpan.Zero)
        {
            throw new LabDeadlockException($"{Actor.Name} waits for ever at {what}.");
        }

        Clock.Sleep(limit);
        return With(_ => condition());
    }
}

/// <summary>No actor of the machine can continue: every actor waits for something that no clock brings.</summary>
/// <param name="message">Who waits for what.</param>
internal sealed class LabDeadlockException(string message) : Exception(message);
