namespace VgpuPS.Host.Seams;

/// <summary>What a failed system call on an ordinary file of the host means, and what to do.</summary>
internal static class HostFileErrors
{
    public static VgpuException ForRead(HostFileException failure, string what) => failure.Number switch
    {
        Errno.EACCES or Errno.EPERM => Denied(failure, what),
        Errno.EFBIG => new UnreadableDataException(
            ErrorIds.UnreadableData, $"{what} {failure.Path} is too large to be one",
            $"look at it and put the right file there: ls -l {failure.Path}", failure.Path, failure),
        _ => new UnreadableDataException(
            ErrorIds.ReadFailed,
            $"{what} {failure.Path} could not be read: {failure.Operation}: {Errno.Describe(failure.Number)}",
            Advice(failure.Path), failure.Path, failure),
    };

    /// <remarks>Source: pmxcfs refuses root's writes with EACCES without quorum (pve-cluster; assumed).</remarks>
    public static VgpuException ForWrite(HostFileException failure, string what) => failure.Number switch
    {
        Errno.EACCES or Errno.EROFS when failure.Path.StartsWith("/etc/pve/", StringComparison.Ordinal) =>
            new HostNotReadyException(
                ErrorIds.NoQuorum,
                $"{what} {failure.Path} could not be written: {failure.Operation}: {Errno.Describe(failure.Number)}; "
                    + "the cluster has no quorum, or this is not root",
                "see which nodes are missing (pvecm status), and run the command as root", failure.Path, failure),
        Errno.EACCES or Errno.EPERM => Denied(failure, what),
        Errno.ENOSPC or Errno.EDQUOT => new HostNotReadyException(
            ErrorIds.WriteFailed,
            $"{what} {failure.Path} could not be written, the storage is full: {failure.Operation}: "
            + $"{Errno.Describe(failure.Number)}",
            $"see what is full, and free space: df -h {Folder(failure.Path)}; df -i {Folder(failure.Path)}",
            failure.Path, failure),
        _ => new HostNotReadyException(
            ErrorIds.WriteFailed,
            $"{what} {failure.Path} could not be written: {failure.Operation}: {Errno.Describe(failure.Number)}",
            $"check the storage: df -h {Folder(failure.Path)}; findmnt -T {Folder(failure.Path)}; journalctl -k -p err",
            failure.Path, failure),
    };

    public static HostNotReadyException NotKept(string path, string what) => new(
        ErrorIds.ReadBackMismatch,
        $"{what} {path} was written without an error, and does not read back as it was written",
        $"check the storage: findmnt -T {Folder(path)}; journalctl -k -p err", path);

    private static AccessDeniedException Denied(HostFileException failure, string what) => new(
        ErrorIds.AccessDenied,
        $"{what} {failure.Path}: {failure.Operation}: {Errno.Describe(failure.Number)}",
        "run the command as root: su -", failure.Path, failure);

    private static string Advice(string path) => path.StartsWith("/etc/pve", StringComparison.Ordinal)
        ? "check the cluster file system: systemctl status pve-cluster; ls /etc/pve"
        : $"look at it: ls -l {path}";

    // The first folder is what stays when a deeper one could not be made.
    private static string Folder(string path)
    {
        var end = path.IndexOf('/', 1);
        return end < 0 ? "/" : path[..end];
    }
}

/// <summary>The host's ordinary files; a failure says which kind of file it is, and what is written is read
/// back.</summary>
/// <param name="files">The host's files.</param>
/// <param name="what">What a message calls one of them: <c>The hook</c>.</param>
internal sealed class CheckedFiles(IHostFiles files, string what)
{
    private const int SizeLimit = 256 << 20;

    /// <summary>A whole file.</summary>
    public byte[] Read(string path, int limit = SizeLimit) => Ask(() => files.Read(path, limit));

    /// <summary>A whole file; null where there is none.</summary>
    public byte[]? Find(string path, int limit = SizeLimit) => Ask(() =>
    {
        try
        {
            return files.Read(path, limit);
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
    });

    /// <summary>What a path names; null when it is not there.</summary>
    public HostFileInfo? Info(string path) => Ask(() => files.GetInfo(path));

    /// <summary>Names in a folder; null when it is not there.</summary>
    public IReadOnlyList<string>? List(string path) => Ask(() => files.List(path));

    /// <summary>Writes a file whole, its folder first, and reads it back.</summary>
    public void Write(string path, byte[] content, int mode, int folderMode = FileModes.Mode755)
    {
        try
        {
            files.CreateDirectory(path[..path.LastIndexOf('/')], folderMode);
            files.WriteWhole(path, content, mode);
            if (!files.Read(path, SizeLimit).AsSpan().SequenceEqual(content))
            {
                throw HostFileErrors.NotKept(path, what);
            }
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, what);
        }
    }

    /// <summary>Removes a file; nothing happens where there is none.</summary>
    public void Remove(string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, what);
        }
    }

    private T Ask<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, what);
        }
    }
}
