using System.Text;

namespace VgpuPS.Host.Platform;

/// <summary>Reads text files whole; what is not there is null.</summary>
internal sealed class PlatformReader(IHostFiles files)
{
    // The list of packages is the longest.
    private const int SizeLimit = 16 * 1024 * 1024;

    public static IEnumerable<string> Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r'));

    public byte[] Bytes(string path) => Ask(path, () => files.Read(path, SizeLimit));

    public string Text(string path) => Encoding.UTF8.GetString(Bytes(path));

    public string? FindText(string path) => FindBytes(path) is { } content ? Encoding.UTF8.GetString(content) : null;

    public byte[]? FindBytes(string path) => Ask(path, () =>
    {
        try
        {
            return files.Read(path, SizeLimit);
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
    });

    public IReadOnlyList<string> List(string path) => Ask(path, () => files.List(path)) ?? [];

    public bool Exists(string path) => Info(path) is not null;

    public HostFileInfo? Info(string path) => Ask(path, () => files.GetInfo(path));

    private static T Ask<T>(string path, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, $"The file {path[(path.LastIndexOf('/') + 1)..]}:");
        }
    }
}
