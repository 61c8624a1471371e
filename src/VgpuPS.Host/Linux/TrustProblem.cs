using VgpuPS.Core.Text;

namespace VgpuPS.Host.Linux;

/// <summary>A file or folder that a user other than root can change.</summary>
/// <param name="Path">Its path, links resolved.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Owner">User id of its owner.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record TrustProblem(string Path, bool IsFolder, uint Owner, int Mode)
{
    /// <summary>Bits that let the group, or everybody, write.</summary>
    public const int OthersWrite = (int)(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);

    /// <summary>In words: <c>folder /srv has mode 0777</c>.</summary>
    public override string ToString()
    {
        var what = $"{(IsFolder ? "folder" : "file")} {Path}";
        var mode = $"mode {Convert.ToString(Mode, 8).PadLeft(4, '0')}";
        return Owner == 0 ? $"{what} has {mode}"
            : string.Create(CultureInfo.InvariantCulture,
                $"{what} belongs to uid {Owner}{((Mode & OthersWrite) == 0 ? "" : $" and has {mode}")}");
    }
}

/// <summary>Who can change a file that root acts on.</summary>
/// <param name="Path">The file.</param>
/// <param name="Problems">The file and folders above it that others than root can change; empty for none.</param>
/// <param name="IsOnNetwork">Whether it lies on a network file system, whose owners and modes another machine
/// keeps.</param>
public sealed record FileTrust(string Path, IReadOnlyList<TrustProblem> Problems, bool IsOnNetwork)
{
    /// <summary>Whether root may act on it.</summary>
    public bool IsTrusted => Problems.Count == 0;

    /// <summary>What is wrong, in words; empty where nothing is.</summary>
    public string Description => string.Join("; ", Problems);

    /// <summary>The commands that put it right; empty where nothing is wrong.</summary>
    public string Fix => string.Join("; ", new[]
    {
        Command("chown root:root", p => p.Owner != 0),
        Command("chmod go-w", p => (p.Mode & TrustProblem.OthersWrite) != 0),
    }.OfType<string>());

    /// <summary>The failure of acting on it.</summary>
    /// <param name="what">What it is: <c>the configuration</c>.</param>
    public HostNotReadyException ToException(string what) => new(
        ErrorIds.FileNotTrusted,
        $"{what} {Path} is not used, because users other than root can change it: {Description}",
        $"see who did it, and restrict it: {Fix}", Path);

    private string? Command(string command, Func<TrustProblem, bool> needsIt) =>
        Problems.Where(needsIt).Select(p => ShellText.Quote(p.Path)).ToList() is { Count: > 0 } paths
            ? $"{command} {string.Join(' ', paths)}" : null;
}
