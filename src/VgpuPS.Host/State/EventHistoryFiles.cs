using System.Text;

namespace VgpuPS.Host.State;

/// <summary>The event log read backwards: the file, then the one that it was rotated to.</summary>
/// <param name="files">The host's files.</param>
/// <remarks>Source: the package's logrotate rule, which leaves the latest rotated file uncompressed.</remarks>
public sealed class EventHistoryFiles(IHostFiles files)
{
    private const int SizeLimit = 16 * 1024 * 1024;

    /// <summary>
    /// Its lines, the newest first: of the log, then of the one before it. Read as they are taken; nothing where there
    /// is no log. What is further back than the newest few MiB of each is left out.
    /// </summary>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    public IEnumerable<string> ReadNewestFirst()
    {
        foreach (var path in (string[])[StatePaths.Events, StatePaths.Events + ".1"])
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

    private byte[] ReadEnd(string path)
    {
        try
        {
            return files.GetInfo(path) is null ? [] : files.ReadEnd(path, SizeLimit);
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return [];
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "the event log");
        }
    }
}
