namespace VgpuPS.Host.State;

/// <summary>Large files of the host, read part by part.</summary>
/// <param name="files">The host's files.</param>
public sealed class PayloadFiles(IHostFiles files)
{
    private const string What = "the driver file";

    private static readonly string[] s_folders = ["/root", "/tmp", "/var/lib/vz/template/iso"];
    private static readonly string[] s_endings = [".run", ".deb", ".exe"];

    /// <summary>Driver packages that lie where one downloads or copies them to: paths, folder by folder.</summary>
    public IReadOnlyList<string> FindDrivers() =>
    [
        .. s_folders.SelectMany(folder => List(folder).Where(IsDriver).Order(StringComparer.Ordinal)
            .Select(name => $"{folder}/{name}")),
    ];

    /// <summary>Whether a file of the host is meant, and not one that can be uploaded.</summary>
    /// <param name="path">Path on the host; empty for none.</param>
    /// <param name="canUpload">Whether the machine that asks has such a file.</param>
    public bool IsMeant(string path, bool canUpload)
    {
        try
        {
            return !canUpload || (path.StartsWith('/') && files.GetInfo(path) is not null);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, What);
        }
    }

    /// <summary>Size of a file in bytes.</summary>
    /// <param name="path">Absolute path on the host.</param>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    /// <exception cref="InvalidRequestException">It is not a file, or the path is not absolute.</exception>
    public long GetSize(string path)
    {
        if (!path.StartsWith('/'))
        {
            throw new InvalidRequestException(
                ErrorIds.GuestDriverUnusable, $"'{path}' is neither a file here nor an absolute path on the host",
                "name the file here, which is uploaded then, or its absolute path on the host: -Path /root/…", path);
        }

        try
        {
            return files.GetInfo(path) switch
            {
                null => throw new ObjectNotFoundException(
                    ErrorIds.ReadFailed, $"there is no {path} on the host, and none here",
                    $"name the file here, which is uploaded then: -Path ./{path[(path.LastIndexOf('/') + 1)..]}", path),
                { Kind: not HostFileKind.File } => throw new InvalidRequestException(
                    ErrorIds.GuestDriverUnusable, $"{path} is not a file", $"look at it: ls -ld {path}", path),
                { Size: 0 } => throw new InvalidRequestException(
                    ErrorIds.GuestDriverUnusable, $"{path} is empty",
                    $"copy it again, and look at it: ls -l {path}", path),
                var info => info.Size,
            };
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, What);
        }
    }

    // A name that a terminal or a shell could misread is not offered.
    private static bool IsDriver(string name) =>
        s_endings.Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase))
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '~');

    private IReadOnlyList<string> List(string folder)
    {
        try
        {
            return files.List(folder) ?? [];
        }
        catch (HostFileException)
        {
            return [];
        }
    }

    /// <summary>Reads a part; shorter than asked at the file's end only.</summary>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    public byte[] Read(string path, long offset, int count)
    {
        try
        {
            return files.ReadPart(path, offset, count);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, What);
        }
    }
}
