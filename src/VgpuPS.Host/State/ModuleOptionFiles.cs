using System.Text;

namespace VgpuPS.Host.State;

/// <summary>Files of kernel module options, <c>/etc/modprobe.d/*.conf</c>.</summary>
/// <param name="files">The host's files.</param>
/// <remarks>Source: modprobe.d(5): files whose name ends in .conf, in the order of their names.</remarks>
public sealed class ModuleOptionFiles(IHostFiles files)
{
    private const string Folder = "/etc/modprobe.d";
    private const string What = "the file of module options";
    private const int SizeLimit = 1024 * 1024;

    /// <summary>Where options go that are in no file yet.</summary>
    public static string DefaultPath => Folder + "/vgpups.conf";

    /// <summary>Path and text of each, ascending path.</summary>
    /// <exception cref="UnreadableDataException">One cannot be read.</exception>
    public IReadOnlyList<(string Path, string Text)> Read()
    {
        var found = new List<(string Path, string Text)>();
        var path = Folder;
        try
        {
            foreach (var name in files.List(Folder) ?? [])
            {
                path = $"{Folder}/{name}";
                if (name.EndsWith(".conf", StringComparison.Ordinal)
                    && files.GetInfo(path) is { Kind: HostFileKind.File })
                {
                    found.Add((path, Encoding.UTF8.GetString(files.Read(path, SizeLimit))));
                }
            }
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, What);
        }

        return found;
    }

    /// <summary>Writes one whole and reads it back; null removes it.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="text">Its text, or null.</param>
    /// <exception cref="HostNotReadyException">The storage is full or read-only, or did not keep it.</exception>
    public void Write(string path, string? text)
    {
        var checkedFiles = new CheckedFiles(files, What);
        if (text is null)
        {
            checkedFiles.Remove(path);
            return;
        }

        checkedFiles.Write(path, Encoding.UTF8.GetBytes(text), StatePaths.SharedMode);
    }
}
