using System.Text;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.Proxmox;

/// <summary>The installed hook, and its copies in snippets storages.</summary>
/// <param name="files">The host's files.</param>
public sealed class HookFileStore(IHostFiles files)
{
    private const string What = "the hook";

    private readonly CheckedFiles _files = new(files, What);
    private readonly Dictionary<string, HookFile?> _known = new(StringComparer.Ordinal);
    private byte[]? _installed;

    /// <summary>Whether the package's program is there.</summary>
    public bool IsInstalled => _files.Info(HookVolume.InstalledPath) is { Kind: HostFileKind.File, IsExecutable: true };

    /// <summary>What a path names, links followed; null when it is not a file.</summary>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    public HookFile? Find(string path)
    {
        if (!_known.TryGetValue(path, out var file))
        {
            file = _files.Info(path) is { Kind: HostFileKind.File } info ? Look(path, info) : null;
            _known[path] = file;
        }

        return file;
    }

    /// <summary>Who can change a file that root acts on; null when nothing is there.</summary>
    /// <exception cref="UnreadableDataException">It cannot be looked at.</exception>
    public FileTrust? FindTrust(string path)
    {
        try
        {
            return FileTrustReader.Find(files, path);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "the file");
        }
    }

    /// <summary>Puts a copy of the installed program there, whole and executable, and reads it back.</summary>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    /// <exception cref="AccessDeniedException">We are not root.</exception>
    public void Install(string path)
    {
        _known.Remove(path);
        _files.Write(path, Installed(), FileModes.Mode755);
        if (Find(path) is not { IsRight: true })
        {
            throw HostFileErrors.NotKept(path, What);
        }
    }

    private HookFile Look(string path, HostFileInfo info)
    {
        var isHook = IsHook(path, info);
        var content = isHook ? [] : HookRecognition.IsWorthReading(info.Size) ? _files.Read(path) : [];
        return new HookFile(info.IsExecutable, isHook)
        {
            IsAnyHook = isHook || HookRecognition.IsHook(content),
            CallsHook = HookRecognition.FilesThatAScriptNames(content).Any(
                named => named == HookVolume.FileName
                    || (named != path && _files.Info(named) is { Kind: HostFileKind.File } other
                        && HookRecognition.IsWorthReading(other.Size) && HookRecognition.IsHook(_files.Read(named)))),
        };
    }

    private bool IsHook(string path, HostFileInfo info) =>
        IsInstalled && _files.Info(HookVolume.InstalledPath)!.Size == info.Size
            && _files.Read(path).AsSpan().SequenceEqual(Installed());

    private byte[] Installed() => _installed ??= _files.Read(HookVolume.InstalledPath);
}

/// <summary>
/// Determines by its content whether a program is a vgpu-hook of any version, and whether a script calls one.
/// </summary>
internal static class HookRecognition
{
    private const long LargestProgram = 64 << 20;
    private const int LargestScript = 1 << 20;
    private const int MaxNames = 64;

    // The beginning of its usage, which every version of the program has, as .NET keeps a text.
    private static readonly byte[] s_usage = Encoding.Unicode.GetBytes("usage: vgpu-hook VMID PHASE");

    private static readonly char[] s_separators =
        [' ', '\t', '\r', '"', '\'', '`', '(', ')', '{', '}', '[', ']', ';', '&', '|', '<', '>', '=', ',', '$'];

    /// <summary>Whether a file of this size can be one of them.</summary>
    public static bool IsWorthReading(long size) => size is > 0 and <= LargestProgram;

    /// <summary>Whether a program is a vgpu-hook.</summary>
    public static bool IsHook(ReadOnlySpan<byte> content) =>
        content.StartsWith("\u007fELF"u8) && content.IndexOf(s_usage) >= 0;

    /// <summary>
    /// What a script may start: absolute paths in its text, comments aside; <see cref="HookVolume.FileName"/> for each
    /// word that ends in that name.
    /// </summary>
    public static IEnumerable<string> FilesThatAScriptNames(byte[] content)
    {
        if (content.Length > LargestScript || content.AsSpan().Contains((byte)0))
        {
            return [];
        }

        return Encoding.UTF8.GetString(content).Split('\n')
            .Where(line => !line.TrimStart().StartsWith('#') || line.StartsWith("#!", StringComparison.Ordinal))
            .SelectMany(line => line.Split(s_separators, StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word.Contains('/', StringComparison.Ordinal) || word == HookVolume.FileName)
            .Select(
                word => word.EndsWith("/" + HookVolume.FileName, StringComparison.Ordinal) ? HookVolume.FileName : word)
            .Where(word => word == HookVolume.FileName || word.StartsWith('/'))
            .Distinct().Take(MaxNames);
    }
}
