namespace VgpuPS.Lab.Machine;

/// <summary>Where the state of a machine, or of a cluster's machines, lives: in memory or in a file. One call at a time
/// is in it.</summary>
/// <param name="root">The state; that of a cluster's first node, with the others in it.</param>
/// <param name="file">The file; null for memory.</param>
internal sealed class LabStore(LabState root, LabStateFile? file)
{
    private readonly Lock _sync = new();
    private int _depth;
    private bool _hasChanged;

    /// <summary>The state as this process last read it.</summary>
    public LabState Root { get; private set; } = root;

    /// <summary>Whether other processes may be on the machine too.</summary>
    public bool IsShared => file is not null;

    /// <summary>Machines of this process on the state, by their nodes' names.</summary>
    public SortedDictionary<string, LabHost> Hosts { get; } = new(StringComparer.Ordinal);

    public void Enter()
    {
        _sync.Enter();
        if (_depth++ == 0 && file is not null)
        {
            try
            {
                Root = file.Acquire(Root);
            }
            catch
            {
                _depth--;
                _sync.Exit();
                throw;
            }
        }
    }

    public void Leave()
    {
        try
        {
            if (--_depth == 0 && file is not null)
            {
                file.Release(Root, _hasChanged);
                _hasChanged = false;
            }
        }
        finally
        {
            _sync.Exit();
        }
    }

    public void Change() => _hasChanged = true;
}
