using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>What the host's log of changes says.</summary>
public interface IEventHistory
{
    /// <summary>
    /// Its lines, the newest first: of the log, then of the one before it. Read as they are taken; nothing where there is
    /// no log. What is further back than the newest few MiB of each is left out.
    /// </summary>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    IEnumerable<string> ReadNewestFirst();
}
