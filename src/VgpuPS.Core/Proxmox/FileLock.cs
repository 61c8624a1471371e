namespace VgpuPS.Core.Proxmox;

/// <summary>One line of <c>/proc/locks</c>.</summary>
/// <param name="Kind"><c>FLOCK</c>, <c>POSIX</c>, <c>OFDLCK</c>, <c>LEASE</c> or <c>DELEG</c>.</param>
/// <param name="IsWaiting">Whether it waits for the lock above it instead of holding it.</param>
/// <param name="Pid">The process; 0 or -1 when the kernel does not name one of this process namespace.</param>
/// <param name="DeviceMajor">Major number of the file system.</param>
/// <param name="DeviceMinor">Minor number of the file system.</param>
/// <param name="Inode">Inode of the file.</param>
/// <remarks>Source: assumed, proc_locks(5): major and minor in hex, inode in decimal.</remarks>
public sealed record FileLock(
    string Kind, bool IsWaiting, int Pid, uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <summary>Whether others may hold it too.</summary>
    public bool IsShared { get; init; }

    /// <summary>Reads <c>/proc/locks</c>; lines of another form are left out.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 16 MiB.</exception>
    public static IReadOnlyList<FileLock> Read(ReadOnlySpan<byte> raw) =>
        [.. PveText.Lines(raw, "the kernel's list of file locks").Select(Parse).OfType<FileLock>()];

    /// <summary>Reads one line, such as <c>1: FLOCK  ADVISORY  WRITE 1234 00:1a:567 0 EOF</c>.</summary>
    /// <returns>The lock, or null when the line has another form.</returns>
    public static FileLock? Parse(string line)
    {
        var words = PveText.Words(line).ToList();
        if (words.Count < 2 || !words[0].EndsWith(':'))
        {
            return null;
        }

        words.RemoveAt(0);
        var isWaiting = words[0] == "->";
        if (isWaiting)
        {
            words.RemoveAt(0);
        }

        if (words.Count < 5 || words[4].Split(':') is not [var major, var minor, var inode]
            || !int.TryParse(words[3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var pid)
            || !uint.TryParse(major, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var deviceMajor)
            || !uint.TryParse(minor, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var deviceMinor)
            || !ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out var inodeNumber))
        {
            return null;
        }

        return new FileLock(words[0], isWaiting, pid, deviceMajor, deviceMinor, inodeNumber)
        {
            IsShared = words[2] == "READ",
        };
    }
}
