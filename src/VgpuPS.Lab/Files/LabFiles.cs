namespace VgpuPS.Lab.Files;

/// <summary>Files of the simulated machine: the kernel's are computed for each path asked, the others are
/// kept.</summary>
/// <remarks>Source: facts/linux-and-build.md B.3 (errnos by system call) and B.4 (listings).</remarks>
public sealed partial class LabFiles : IHostFiles
{
    private const int MaxLinks = 40;

    // Numbers of the file systems: a tmpfs for ordinary files, sysfs for the kernel's (assumed).
    private const uint OrdinaryMinor = 0x1a;
    private const uint KernelMinor = 0x15;

    private readonly LabHost _host;
    private readonly LabKernelTree _kernel;

    internal LabFiles(LabHost host)
    {
        _host = host;
        _kernel = new LabKernelTree(host);
    }

    /// <inheritdoc/>
    public HostFileInfo? GetInfo(string path)
    {
        using var call = Enter("stat", path);
        if (Walk(path, followLast: true) is not var (node, canonical))
        {
            return null;
        }

        var kind = node.Names is not null ? HostFileKind.Directory : HostFileKind.File;
        return new HostFileInfo(
            kind, node.Mode, node.IsKernel ? 4096 : node.Read?.Invoke().Length ?? 4096, 0,
            node.IsKernel ? KernelMinor : OrdinaryMinor,
            node.IsKernel ? (uint)string.GetHashCode(canonical, StringComparison.Ordinal) : node.Inode, node.Owner)
        {
            Modified = new DateTimeOffset(node.ModifiedTicks, TimeSpan.Zero),
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<string>? List(string path)
    {
        using var call = Enter("list", path);
        if (Walk(path, followLast: true) is not var (node, _))
        {
            return null;
        }

        return node.Names is { } names
            ? [.. names().Order(StringComparer.Ordinal)]
            : throw new HostFileException("open", path, Errno.ENOTDIR);
    }

    /// <inheritdoc/>
    public string? ReadLink(string path)
    {
        using var call = Enter("readlink", path);
        return Walk(path, followLast: false) is var (node, _) ? node.Target : null;
    }

    /// <inheritdoc/>
    public byte[] Read(string path, int limit)
    {
        using var call = Enter("read", path);
        if (Walk(path, followLast: true) is not var (node, canonical))
        {
            throw new HostFileException("open", path, Errno.ENOENT);
        }

        RefuseRead(path, canonical);

        if (node.Read is null)
        {
            throw new HostFileException(
                node.Names is null ? "open" : "read", path, node.Names is null ? Errno.EACCES : Errno.EISDIR);
        }

        var content = node.Read();
        return content.Length <= limit ? content : throw new HostFileException("read", path, Errno.EFBIG);
    }

    /// <inheritdoc/>
    /// <exception cref="LabDeadlockException">The kernel would block for ever: nothing else runs that could end
    /// it.</exception>
    public void WriteAttribute(string path, string value)
    {
        var removal = WriteOnce(path, value);
        if (removal is not null)
        {
            _host.BlockUntil(() => removal.Holder is null, Timeout.InfiniteTimeSpan, $"write {path}");
            FinishRemoval(removal);
        }
    }

    /// <summary>Writes an attribute; a removal that has to wait for the device's holder is released.</summary>
    internal LabVgpu? WriteOnce(string path, string value)
    {
        using var call = Enter("write", path);
        if (Walk(path, followLast: true) is not var (node, canonical))
        {
            throw new HostFileException("open", path, Errno.ENOENT);
        }

        if (node.Names is not null)
        {
            throw new HostFileException("open", path, Errno.EISDIR);
        }

        RefuseWrite("open", path);
        if (call.IsLie)
        {
            return null;
        }

        if (!node.IsKernel)
        {
            Overwrite(canonical, value);
            return null;
        }

        if (node.Write is null)
        {
            throw new HostFileException("open", path, Errno.EACCES);
        }

        try
        {
            _kernel.Held = null;
            node.Write(value.Trim());
        }
        catch (LabErrnoException refusal)
        {
            throw new HostFileException("write", path, refusal.Number);
        }

        _host.Change();
        return _kernel.Held;
    }

    internal void FinishRemoval(LabVgpu vgpu) => _host.Edit(state =>
    {
        foreach (var gpu in state.Gpus)
        {
            gpu.Vgpus.RemoveAll(other => other.Handle == vgpu.Handle);
        }
    });

    private LabCall Enter(string operation, string path)
    {
        var call = _host.Enter($"{operation} {path}");
        if (call.Refusal is { } number)
        {
            call.Dispose();
            throw new HostFileException(operation == "list" ? "open" : operation, path, number);
        }

        return call;
    }

    private (LabTreeNode Node, string Path)? Walk(string path, bool followLast)
    {
        if (LabKernelTree.Owns(path) && _kernel.FindDirect(path, followLast) is { } direct)
        {
            return direct;
        }

        var at = "";
        var rest = new Stack<string>(Parts(path));
        var node = Find(at)!;
        for (var links = 0; rest.TryPop(out var part);)
        {
            if (part == "..")
            {
                at = at.Length == 0 ? "" : at[..at.LastIndexOf('/')];
                node = Find(at)!;
                continue;
            }

            var next = $"{at}/{part}";
            if (Find(next) is not { } found)
            {
                return null;
            }

            if (found.Target is { } target && (followLast || rest.Count > 0))
            {
                if (++links > MaxLinks)
                {
                    throw new HostFileException("open", path, Errno.ELOOP);
                }

                at = target.StartsWith('/') ? "" : at;
                node = Find(at)!;
                foreach (var step in Parts(target))
                {
                    rest.Push(step);
                }

                continue;
            }

            (at, node) = (next, found);
        }

        return (node, at);
    }

    // Last part first, as a stack wants them.
    private static IEnumerable<string> Parts(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse();

    private LabTreeNode? Find(string canonical)
    {
        if (LabKernelTree.Owns(canonical))
        {
            return _kernel.Find(canonical);
        }

        if (LabTree.Find(_host.State, canonical) is not { } entry)
        {
            return null;
        }

        var node = new LabTreeNode
        {
            Mode = entry.Mode,
            Owner = entry.Owner,
            Inode = entry.Inode,
            ModifiedTicks = entry.ModifiedTicks,
            IsKernel = false,
            Target = entry.Target,
        };
        node = entry.Entries is { } entries
            ? node with
            {
                Names = () => canonical.Length == 0 ? entries.Keys.Concat(["proc", "sys"]) : entries.Keys,
            }
            : node with { Read = entry.Content is { } content ? () => [.. content] : null };
        return _host.State.Joined is { } cluster
            ? LabClusterFiles.Find(_host.State, cluster, canonical, node) ?? node : node;
    }
}

/// <summary>The kernel refuses a write.</summary>
internal sealed class LabErrnoException(int number) : Exception
{
    public int Number { get; } = number;
}
