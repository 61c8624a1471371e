namespace VgpuPS.Lab.Files;

public sealed partial class LabFiles
{
    /// <inheritdoc/>
    public void WriteWhole(string path, ReadOnlySpan<byte> content, int mode)
    {
        using var call = Enter("write", path);
        var (folder, name) = FindPlace("open", path);
        if (folder.Entries!.TryGetValue(name, out var old) && old.IsFolder)
        {
            throw new HostFileException("rename", path, Errno.EISDIR);
        }

        if (!call.IsLie)
        {
            folder.Entries[name] = NewFile(content.ToArray(), mode);
            _host.Change();
        }
    }

    /// <inheritdoc/>
    public void Append(string path, ReadOnlySpan<byte> content, int mode)
    {
        using var call = Enter("write", path);
        var entry = OpenOrCreate(path, mode);
        if (!call.IsLie)
        {
            (entry.Content, entry.ModifiedTicks) = ([.. entry.Content ?? [], .. content], _host.State.WallTicks);
            _host.Change();
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path, int mode)
    {
        using var call = Enter("mkdir", path);
        var at = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = $"{at}/{part}";
            if (Walk(at, followLast: true) is var (node, _))
            {
                if (node.Names is null)
                {
                    throw new HostFileException("mkdir", path, at == path ? Errno.EEXIST : Errno.ENOTDIR);
                }

                continue;
            }

            var (folder, name) = FindPlace("mkdir", at);
            if (call.IsLie)
            {
                return;
            }

            folder.Entries![name] = new LabEntry
            {
                Mode = mode,
                Inode = _host.State.NextInode++,
                Entries = new SortedDictionary<string, LabEntry>(StringComparer.Ordinal),
            };
            _host.Change();
        }
    }

    /// <inheritdoc/>
    public void Rename(string source, string destination)
    {
        using var call = Enter("rename", source);
        var (from, oldName) = FindPlace("rename", source);
        var (to, newName) = FindPlace("rename", destination);
        if (!from.Entries!.TryGetValue(oldName, out var entry))
        {
            throw new HostFileException("rename", source, Errno.ENOENT);
        }

        if (!call.IsLie)
        {
            from.Entries.Remove(oldName);
            to.Entries![newName] = entry;
            _host.Change();
        }
    }

    /// <inheritdoc/>
    public bool Delete(string path)
    {
        using var call = Enter("unlink", path);
        if (Walk(path, followLast: false) is not var (node, _))
        {
            return false;
        }

        var (folder, name) = FindPlace("unlink", path);
        if (node.Names is not null)
        {
            throw new HostFileException("unlink", path, Errno.EISDIR);
        }

        if (!call.IsLie)
        {
            folder.Entries!.Remove(name);
            _host.Change();
        }

        return true;
    }

    /// <remarks>Source: path_resolution(7): each folder must let others through, and the file let them read.</remarks>
    private void RefuseRead(string path, string canonical)
    {
        const int OthersEnter = 1;
        const int OthersRead = 4;
        if (!_host.State.Setup.CallersAreUnprivileged)
        {
            return;
        }

        for (var end = canonical.IndexOf('/', 1); end > 0; end = canonical.IndexOf('/', end + 1))
        {
            if (LabTree.Find(_host.State, canonical[..end]) is { } folder && (folder.Mode & OthersEnter) == 0)
            {
                throw new HostFileException("open", path, Errno.EACCES);
            }
        }

        if (LabTree.Find(_host.State, canonical) is { } file && (file.Mode & OthersRead) == 0)
        {
            throw new HostFileException("open", path, Errno.EACCES);
        }
    }

    private void RefuseWrite(string operation, string path)
    {
        if (_host.State.Setup.CallersAreUnprivileged)
        {
            throw new HostFileException(operation, path, Errno.EACCES);
        }

        if (_host.State.Joined is { IsQuorate: false } && LabClusterFiles.IsInside(path))
        {
            throw new HostFileException(operation, path, Errno.EACCES);
        }

        foreach (var (prefix, errno) in _host.State.Setup.WriteRefusals)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                throw new HostFileException(errno == Errno.ENOSPC ? "write" : operation, path, errno);
            }
        }
    }

    private (LabEntry Folder, string Name) FindPlace(string operation, string path)
    {
        RefuseWrite(operation, path);
        var (folder, name) = LabTree.Split(path);
        if (Walk(folder, followLast: true) is not var (node, canonical))
        {
            throw new HostFileException(operation, path, Errno.ENOENT);
        }

        if (node.Names is null || node.IsKernel)
        {
            throw new HostFileException(operation, path, node.Names is null ? Errno.ENOTDIR : Errno.EPERM);
        }

        return (LabTree.Find(_host.State, canonical)!, name);
    }

    private LabEntry OpenOrCreate(string path, int mode)
    {
        RefuseWrite("open", path);
        if (Walk(path, followLast: true) is var (node, canonical))
        {
            return node.Names is null && !node.IsKernel
                ? LabTree.Find(_host.State, canonical)!
                : throw new HostFileException("open", path, node.IsKernel ? Errno.EACCES : Errno.EISDIR);
        }

        var (folder, name) = FindPlace("open", path);
        var entry = NewFile([], mode);
        folder.Entries![name] = entry;
        _host.Change();
        return entry;
    }

    private void Overwrite(string canonical, string value)
    {
        var entry = LabTree.Find(_host.State, canonical)!;
        (entry.Content, entry.ModifiedTicks) = (Encoding.UTF8.GetBytes(value), _host.State.WallTicks);
        _host.Change();
    }

    private LabEntry NewFile(byte[] content, int mode) =>
        new()
        {
            Mode = mode,
            Inode = _host.State.NextInode++,
            Content = content,
            ModifiedTicks = _host.State.WallTicks
        };
}
