using System.Text;

namespace VgpuPS.Host.State;

/// <summary>The event log read backwards: the file, then the one that it was rotated to.</summary>
/// <param name="files">The host's files.</param>
/// <remarks>Source: the package's logrotate rule, which leaves the latest rotated file uncompressed.</remarks>
public sealed class EventHistoryFiles(IHostFiles files)
{
    private const int SizeLimit = 16 * 1024 * 1024;
    private const int PartLimit = 1024 * 1024;

    /// <summary>
    /// Its lines, the newest first: of the log, then of the one before it. Read as they are taken; nothing where there
    /// is no log. What is further back than the newest few MiB of each is left out.
    /// </summary>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    public IEnumerable<string> ReadNewestFirst()
    {
        foreach (var path in (string[])[StatePaths.Events, Rotated])
        {
            var content = ReadEnd(path);
            var lines = Encoding.UTF8.GetString(content).Split('\n');

            // A file that is read from somewhere within begins with half a line.
            var first = content.Length == SizeLimit ? 1 : 0;
            for (var index = lines.Length - 1; index >= first; index--)
            {
                if (lines[index].Length > 0)
                {
                    yield return lines[index];
                }
            }
        }
    }

    /// <summary>Whole lines that were written since a position, the oldest first, and the position after them. Where
    /// the log was rotated meanwhile the rest of the old file comes first; where it was cut off or replaced it is read
    /// from its beginning.</summary>
    /// <param name="position">That of an earlier call; empty for the log's end.</param>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    public EventNews ReadNew(string position) => Ask(
        () =>
        {
            var now = files.GetInfo(StatePaths.Events);
            if (EventPosition.Parse(position) is not { } last)
            {
                return new EventNews([], new EventPosition(now?.Inode ?? 0, now is null ? 0 : FindEnd(now.Size)));
            }

            if (now?.Inode == last.Inode)
            {
                return ReadFrom(StatePaths.Events, now, HasLineEnd(StatePaths.Events, now, last.Offset)
                    ? last.Offset : 0);
            }

            var old = files.GetInfo(Rotated);
            var rest = old?.Inode == last.Inode && HasLineEnd(Rotated, old, last.Offset)
                ? ReadFrom(Rotated, old, last.Offset) : null;
            if (rest?.Lines.Count > 0 || now is null)
            {
                return rest ?? new EventNews([], last);
            }

            return ReadFrom(StatePaths.Events, now, 0);
        },
        new EventNews([], new EventPosition(0, 0)));

    private static string Rotated => StatePaths.Events + ".1";

    /// <summary>Whole lines of a part of a file. A line that is longer than a part is none of ours and is left
    /// out.</summary>
    private EventNews ReadFrom(string path, HostFileInfo info, long offset)
    {
        var part = files.ReadPart(path, offset, PartLimit);
        var end = part.AsSpan().LastIndexOf((byte)'\n') + 1;
        return new EventNews(
            Encoding.UTF8.GetString(part, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            new EventPosition(info.Inode, offset + (end == 0 && part.Length == PartLimit ? part.Length : end)));
    }

    /// <summary>Where the last whole line ends: half of one may just be written.</summary>
    private long FindEnd(long size)
    {
        var start = Math.Max(0, size - PartLimit);
        return start + files.ReadPart(StatePaths.Events, start, PartLimit).AsSpan().LastIndexOf((byte)'\n') + 1;
    }

    /// <summary>Whether a file goes on at a position: it was cut off where it is shorter, or where no line ends
    /// there.</summary>
    private bool HasLineEnd(string path, HostFileInfo info, long offset) => offset == 0
        || (info.Size >= offset && files.ReadPart(path, offset - 1, 1) is [(byte)'\n']);

    private byte[] ReadEnd(string path) => Ask(
        () => files.GetInfo(path) is null ? [] : files.ReadEnd(path, SizeLimit), []);

    private static T Ask<T>(Func<T> read, T none)
    {
        try
        {
            return read();
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return none;
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "the event log");
        }
    }
}

/// <summary>What was written to the event log since a position.</summary>
/// <param name="Lines">Whole lines, the oldest first.</param>
/// <param name="At">The position after them.</param>
public sealed record EventNews(IReadOnlyList<string> Lines, EventPosition At)
{
    /// <summary>The position after them, as it travels.</summary>
    public string Position => At.ToString();
}

/// <summary>A place in the event log, which a rotation does not move.</summary>
/// <param name="Inode">The file.</param>
/// <param name="Offset">Bytes before it.</param>
public sealed record EventPosition(ulong Inode, long Offset)
{
    /// <summary>Reads one; null where the text is none.</summary>
    public static EventPosition? Parse(string text) => text.Split(':') is [var inode, var offset]
        && ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out var file)
        && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
        ? new EventPosition(file, bytes) : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Inode}:{Offset}");
}
