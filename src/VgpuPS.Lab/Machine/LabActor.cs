namespace VgpuPS.Lab.Machine;

/// <summary>A process of the simulated machine: it owns flocks and NVML clients until it ends.</summary>
public sealed class LabActor
{
    private static int s_last;

    internal LabActor(string name)
    {
        Name = name;
        Owner = $"{name}#{Environment.ProcessId}.{Interlocked.Increment(ref s_last)}";
    }

    /// <summary>Its name, such as <c>vm101</c>.</summary>
    public string Name { get; }

    /// <summary>What its flocks and clients are written down under; no two actors share one.</summary>
    public string Owner { get; }

    /// <summary>Whether it crashed: every further call of it throws.</summary>
    public bool HasCrashed { get; internal set; }
}

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

    /// <summary>Ends it: its flocks are released and its NVML clients closed.</summary>
    public void Dispose() => _end();
}
