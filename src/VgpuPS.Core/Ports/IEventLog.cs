namespace VgpuPS.Core.Ports;

/// <summary>The host's log of changes, one line each.</summary>
public interface IEventLog
{
    /// <summary>Adds a line; a log that cannot be written is only a warning.</summary>
    /// <param name="entry">What changed.</param>
    void Write(HostEvent entry);
}
