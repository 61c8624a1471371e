using VgpuPS.Host.Seams;

namespace VgpuPS.Lab.Files;

/// <summary>What a path of the machine names.</summary>
internal sealed record LabNode
{
    public int Mode { get; init; }

    public uint Owner { get; init; }

    public ulong Inode { get; init; }

    public long ModifiedTicks { get; init; }

    public bool IsKernel { get; init; } = true;

    public string? Target { get; init; }

    public Func<IEnumerable<string>>? Names { get; init; }

    public Func<byte[]>? Read { get; init; }

    public Action<string>? Write { get; init; }

    public static LabNode Folder(Func<IEnumerable<string>> names) => new() { Mode = FileModes.Mode755, Names = names };

    public static LabNode Link(string target) => new() { Mode = FileModes.Mode777, Target = target };
}
