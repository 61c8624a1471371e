using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Lab.Files;

public sealed partial class LabFiles
{
    /// <inheritdoc/>
    /// <remarks>Source: flock(2): two opens of one file exclude each other, in one process too.</remarks>
    public IHostFileLock? TryLock(string path, int mode)
    {
        using var call = Enter("lock", path);
        var entry = OpenOrCreate(path, mode);
        var state = _host.State;
        state.Locks.RemoveAll(held => !LabPids.IsAlive(held.Pid));
        if (state.Locks.Exists(held => held.Inode == entry.Inode))
        {
            return null;
        }

        var taken = new LabLock
        {
            Serial = state.NextSerial++,
            Inode = entry.Inode,
            Owner = _host.Actor.Owner,
            Pid = Environment.ProcessId,
        };
        state.Locks.Add(taken);
        _host.Change();
        return new LabFileLock(this, path, taken.Serial);
    }

    /// <summary>A lock that a program may inherit: it is given back when the last holder does.</summary>
    internal sealed class LabFileLock(LabFiles files, string path, long serial) : IHostFileLock
    {
        private int _holders = 1;

        public void Inherit() => _holders++;

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
            if (--_holders == 0)
            {
                files._host.Edit(state => state.Locks.RemoveAll(held => held.Serial == serial));
            }
        }
    }
}
