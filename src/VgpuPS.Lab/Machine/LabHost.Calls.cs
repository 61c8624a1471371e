using VgpuPS.Core.Errors;

namespace VgpuPS.Lab.Machine;

public sealed partial class LabHost
{
    private readonly AsyncLocal<LabActor?> _actor = new();
    private readonly LabActor _nobody = new("main");
    private readonly LabStore _store;

    /// <summary>Changes of the state so far; two moments with the same number have the same state.</summary>
    public long ChangeCount { get; private set; }

    /// <summary>Whether other processes may be on the machine too.</summary>
    internal bool IsShared => _store.IsShared;

    /// <summary>Whether an actor other than the present one holds a lock.</summary>
    internal bool IsLockedByOthers => With(state => state.Locks.Exists(held => held.Owner != Actor.Owner));

    internal LabActor Actor => _actor.Value ?? _nobody;

    /// <summary>
    /// Makes this flow of work a process of the machine, until it is disposed: then its flocks are
    /// released and its NVML clients closed, as at the end of any process.
    /// </summary>
    /// <param name="name">Such as <c>vm101</c>.</param>
    public LabActorScope BeginActor(string name)
    {
        var before = _actor.Value;
        var actor = new LabActor(name);
        _actor.Value = actor;
        return new LabActorScope(actor, () =>
        {
            End(actor);
            _actor.Value = before;
        });
    }

    internal LabCall Enter(string name)
    {
        var actor = Actor;
        ThrowIfCrashed(actor, name);
        Gate.Passing?.Invoke(name, actor.Name);
        var fault = Gate.Pass(name, actor.Name);
        if (fault.CrashesBefore)
        {
            Crash(actor, name);
        }

        if (fault.Delay > TimeSpan.Zero)
        {
            Clock.Sleep(fault.Delay);
        }

        EnterState();
        if (State.Platform.BootFailure is { } failure)
        {
            LeaveState();
            throw new HostConnectionException(
                ErrorIds.HostUnreachable, $"the simulated host {State.Setup.Node} did not come up: {failure}",
                "Make another one: vgpu-lab init", State.Setup.Node);
        }

        if (State.Joined is { } cluster && !cluster.IsUp(State.Setup.Node))
        {
            LeaveState();
            throw new HostConnectionException(
                ErrorIds.HostUnreachable, $"the simulated node {State.Setup.Node} is down",
                $"start it: vgpu-lab node start {State.Setup.Node}", State.Setup.Node);
        }

        return new LabCall(this, name, fault);
    }

    internal void Leave(string name, LabFault fault)
    {
        LeaveState();
        if (fault.CrashesAfter)
        {
            Crash(Actor, name);
        }
    }

    internal void EnterState() => _store.Enter();

    internal void LeaveState() => _store.Leave();

    /// <summary>Marks the state as changed; called within a call.</summary>
    internal void Change()
    {
        _store.Change();
        ChangeCount++;
    }

    internal T With<T>(Func<LabState, T> work)
    {
        EnterState();
        try
        {
            return work(State);
        }
        finally
        {
            LeaveState();
        }
    }

    internal void Log(string line)
    {
        var seconds = new TimeSpan(State.WallTicks - State.BootTicks).TotalSeconds;
        State.KernelLog.Add(string.Create(CultureInfo.InvariantCulture, $"[{seconds,12:0.000000}] {line}"));
        Change();
    }

    private static void ThrowIfCrashed(LabActor actor, string name)
    {
        if (actor.HasCrashed)
        {
            throw new LabCrashException(actor.Name, name);
        }
    }

    private void Crash(LabActor actor, string name)
    {
        actor.HasCrashed = true;
        End(actor);
        throw new LabCrashException(actor.Name, name);
    }

    // What the kernel does when a process ends.
    private void End(LabActor actor) => With(state =>
    {
        var freed = state.Locks.RemoveAll(held => held.Owner == actor.Owner)
            + state.NvmlClients.RemoveAll(client => client.Owner == actor.Owner);
        if (freed > 0)
        {
            Change();
        }

        return freed;
    });
}
