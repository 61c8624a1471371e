namespace VgpuPS.Lab.Machine;

/// <summary>The time in which a flow of work is a process of the machine.</summary>
public sealed class LabActorScope : IDisposable
{
    private readonly Action _end;

    internal LabActorScope(LabActor actor, Action end)
    {
        Actor = actor;
        _end = end;
    }

    /// <summary>The process.</summary>
    public LabActor Actor { get; }

    /// <summary>Ends it: its flocks are given back and its NVML clients closed.</summary>
    public void Dispose() => _end();
}
