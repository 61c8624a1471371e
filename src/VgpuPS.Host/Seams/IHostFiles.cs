namespace VgpuPS.Host.Seams;

/// <summary>
/// Files of the host by absolute path: the kernel's, Proxmox's, ours. The root they hang on is given, so tests never
/// touch the real one. Every method throws <see cref="HostFileException"/> with the system call and errno.
/// </summary>
public interface IHostFiles
{
    /// <summary>User id that files are read and written as; 0 is root.</summary>
    uint UserId => 0;

    /// <summary>What the path names, links followed; null when nothing is there (ENOENT, ENOTDIR).</summary>
    HostFileInfo? GetInfo(string path);

    /// <summary>Names in a directory without <c>.</c> and <c>..</c>, ordinal order; null when it does not
    /// exist.</summary>
    IReadOnlyList<string>? List(string path);

    /// <summary>Target text of a symbolic link; null when the path is none or does not exist.</summary>
    string? ReadLink(string path);

    /// <summary>Reads a whole file, at most <paramref name="limit"/> bytes.</summary>
    /// <exception cref="HostFileException">EFBIG when there is more than <paramref name="limit"/>.</exception>
    byte[] Read(string path, int limit);

    /// <summary>Reads the end of a file, at most <paramref name="limit"/> bytes.</summary>
    byte[] ReadEnd(string path, int limit)
    {
        var content = Read(path, int.MaxValue);
        return content.Length <= limit ? content : content[^limit..];
    }

    /// <summary>Reads a part of a file; shorter than asked at its end only.</summary>
    byte[] ReadPart(string path, long offset, int count)
    {
        var whole = Read(path, int.MaxValue);
        var from = (int)Math.Min(offset, whole.Length);
        return whole[from..Math.Min(from + count, whole.Length)];
    }

    /// <summary>
    /// Writes an attribute of the kernel as a shell's redirection does, but never creating it: one open, one write. May
    /// block as long as the kernel does; see <see cref="IProcessRunner.WriteAttributeAsync"/> for writes that can.
    /// </summary>
    void WriteAttribute(string path, string value);

    /// <summary>
    /// Writes a file whole: temporary file beside it, fsync, rename, fsync of the directory. The old content or the new
    /// one is there at every moment.
    /// </summary>
    void WriteWhole(string path, ReadOnlySpan<byte> content, int mode);

    /// <summary>Appends to a file, creating it with <paramref name="mode"/>.</summary>
    void Append(string path, ReadOnlySpan<byte> content, int mode);

    /// <summary>Creates a directory and its missing parents; an existing one is left as it is.</summary>
    void CreateDirectory(string path, int mode);

    /// <summary>Renames a file, replacing the target.</summary>
    void Rename(string source, string destination);

    /// <summary>Removes a file; false when there was none.</summary>
    bool Delete(string path);

    /// <summary>
    /// Takes flock(LOCK_EX | LOCK_NB) on a file, creating it with <paramref name="mode"/>; null when another process
    /// holds it.
    /// The lock ends with the returned object or the process, whichever is first.
    /// </summary>
    IHostFileLock? TryLock(string path, int mode);

    /// <summary>
    /// Takes flock(LOCK_SH | LOCK_NB) on a file, creating it with <paramref name="mode"/>; null when another process
    /// has locked it alone. Others may share it meanwhile.
    /// </summary>
    IHostFileLock? TryShareLock(string path, int mode) => TryLock(path, mode);
}

/// <summary>An exclusive flock on a file; disposing gives it back.</summary>
public interface IHostFileLock : IDisposable
{
    /// <summary>Replaces the lock file's text, so that waiters can say who holds it.</summary>
    void WriteHolder(string text);
}

/// <summary>What a path names, links followed.</summary>
/// <param name="Kind">File, directory or something else.</param>
/// <param name="Mode">Permission bits, octal as in chmod.</param>
/// <param name="Size">Size in bytes; 4096 or 0 for kernel files.</param>
/// <param name="DeviceMajor">Major number of the file system's device.</param>
/// <param name="DeviceMinor">Minor number of the file system's device.</param>
/// <param name="Inode">Inode number; with the device it is the identity that <c>/proc/locks</c> prints.</param>
/// <param name="Owner">User id of the owner; 0 is root.</param>
/// <remarks>Source: statx(2).</remarks>
public sealed record HostFileInfo(
    HostFileKind Kind, int Mode, long Size, uint DeviceMajor, uint DeviceMinor, ulong Inode,
    uint Owner = 0)
{
    private const UnixFileMode ExecuteBits =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>When its content was last changed.</summary>
    public DateTimeOffset Modified { get; init; }

    /// <summary>Whether any execute bit is set.</summary>
    public bool IsExecutable => ((UnixFileMode)Mode & ExecuteBits) != 0;
}

/// <summary>Kind of a file.</summary>
public enum HostFileKind
{
    /// <summary>A regular file, or an attribute of the kernel.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A device, socket, pipe.</summary>
    Other,
}

/// <summary>A system call on a host file failed; open and write are distinguished.</summary>
/// <param name="operation">The system call: <c>open</c>, <c>read</c>, <c>write</c>, <c>rename</c>, <c>mkdir</c>
/// …</param>
/// <param name="path">Absolute path on the host.</param>
/// <param name="errno">The error number, see <see cref="Errno"/>.</param>
/// <remarks>
/// Source: facts/linux-and-build.md B.3: writing <c>sriov_numvfs</c> without a driver gives ENOENT from write, a
/// removed mediated device gives ENOENT from open.
/// </remarks>
public sealed class HostFileException(string operation, string path, int errno)
    : IOException($"{operation} {path}: {Errno.Describe(errno)}")
{
    /// <summary>The system call that failed.</summary>
    public string Operation { get; } = operation;

    /// <summary>Absolute path on the host.</summary>
    public string Path { get; } = path;

    /// <summary>The error number of Linux.</summary>
    public int Number { get; } = errno;
}

/// <summary>Permission bits, named as chmod writes them.</summary>
public static class FileModes
{
#pragma warning disable CS1591 // The digits say it.
    public const int Mode200 = 0b010_000_000;
    public const int Mode444 = 0b100_100_100;
    public const int Mode600 = 0b110_000_000;
    public const int Mode640 = 0b110_100_000;
    public const int Mode644 = 0b110_100_100;
    public const int Mode666 = 0b110_110_110;
    public const int Mode700 = 0b111_000_000;
    public const int Mode750 = 0b111_101_000;
    public const int Mode755 = 0b111_101_101;
    public const int Mode777 = 0b111_111_111;
#pragma warning restore CS1591
}
