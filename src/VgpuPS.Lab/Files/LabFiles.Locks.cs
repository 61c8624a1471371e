namespace VgpuPS.Lab.Files;

public sealed partial class LabFiles
{
    /// <inheritdoc/>
    /// <remarks>Source: flock(2): two opens of one file exclude each other, in one process too.</remarks>
    public IHostFileLock? TryLock(string path, int mode) => TryLock(path, mode, isShared: false);

    /// <inheritdoc/>
    public IHostFileLock? TryShareLock(string path, int mode) => TryLock(path, mode, isShared: true);

    private LabFileLock? TryLock(string path, int mode, bool isShared)
    {
        using var call = Enter("lock", path);
        var entry = OpenOrCreate(path, mode);
        var state = _host.State;
        state.Locks.RemoveAll(held => !LabPids.IsAlive(held.Pid));
        if (state.Locks.Exists(held => held.Inode == entry.Inode && !(isShared && held.IsShared)))
        {
            return null;
        }

        var taken = new LabLock
        {
            Serial = state.NextSerial++,
            Inode = entry.Inode,
            Owner = _host.Actor.Owner,
            Pid = Environment.ProcessId,
            IsShared = isShared,
        };
        state.Locks.Add(taken);
        _host.Change();
        return new LabFileLock(this, path, taken.Serial, _host.Actor);
    }

    /// <summary>A lock that a program may inherit: it is released when the last holder does.</summary>
    /// <remarks>Source: flock(2): the lock is the open file's, so it outlives the process that took it.</remarks>
    internal sealed class LabFileLock(LabFiles files, string path, long serial, LabActor actor) : IHostFileLock
    {
        private bool _isDisposed;
        private bool _isInherited;

        public void Inherit()
        {
            _isInherited = true;
            Own($"program of {actor.Owner}");
        }

        /// <summary>The program that inherited it has ended.</summary>
        public void EndInheritance()
        {
            _isInherited = false;
            if (_isDisposed || actor.HasCrashed)
            {
                Remove();
            }
            else
            {
                Own(actor.Owner);
            }
        }

        public void WriteHolder(string text)
        {
            using var call = files.Enter("write", path);
            files.RefuseWrite("write", path);
            if (files.Walk(path, followLast: true) is var (_, canonical) && !call.IsLie)
            {
                files.Overwrite(canonical, text + "\n");
            }
        }

        public void Dispose()
        {
            _isDisposed = true;
            if (!_isInherited)
            {
                Remove();
            }
        }

        private void Own(string owner) =>
            files._host.Edit(
                state => state.Locks.FindAll(held => held.Serial == serial).ForEach(held => held.Owner = owner));

        private void Remove() => files._host.Edit(state => state.Locks.RemoveAll(held => held.Serial == serial));
    }
}
