namespace VgpuPS.Host.Seams;

/// <summary>A system call on a host file failed; open and write are told apart.</summary>
/// <param name="operation">The system call: <c>open</c>, <c>read</c>, <c>write</c>, <c>rename</c>, <c>mkdir</c> …</param>
/// <param name="path">Absolute path on the host.</param>
/// <param name="errno">The error number, see <see cref="Errno"/>.</param>
/// <remarks>
/// Source: facts/linux-and-build.md B.3: writing <c>sriov_numvfs</c> without a driver gives ENOENT from write, a
/// vanished mediated device gives ENOENT from open.
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
