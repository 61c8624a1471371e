namespace VgpuPS.Host.Seams;

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
    /// <summary>When its content was last changed.</summary>
    public DateTimeOffset Modified { get; init; }

    /// <summary>Whether any execute bit is set.</summary>
    public bool IsExecutable => (Mode & 0b001_001_001) != 0;
}
