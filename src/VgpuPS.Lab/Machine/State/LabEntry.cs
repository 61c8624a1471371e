using System.Text.Json.Serialization;
using VgpuPS.Host.Seams;

namespace VgpuPS.Lab.Machine;

/// <summary>An ordinary file, folder or link.</summary>
public sealed class LabEntry
{
    /// <summary>Usual mode of a folder.</summary>
    public const int FolderMode = FileModes.Mode755;

    /// <summary>Usual mode of a file.</summary>
    public const int FileMode = FileModes.Mode644;

    /// <summary>Permission bits.</summary>
    public int Mode { get; set; }

    /// <summary>User id of the owner; 0 is root.</summary>
    public uint Owner { get; set; }

    /// <summary>Inode number.</summary>
    public ulong Inode { get; set; }

    /// <summary>When its content was last changed, in UTC ticks of 100 ns; 0 where that was long ago.</summary>
    public long ModifiedTicks { get; set; }

    /// <summary>Content of a file; null otherwise.</summary>
    public byte[]? Content { get; set; }

    /// <summary>Target of a link; null otherwise.</summary>
    public string? Target { get; set; }

    /// <summary>What a folder holds; null otherwise.</summary>
    public SortedDictionary<string, LabEntry>? Entries { get; set; }

    /// <summary>Whether it is a folder.</summary>
    [JsonIgnore]
    public bool IsFolder => Entries is not null;
}
