using VgpuPS.Core.Events;
using VgpuPS.Core.Json;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.State;

/// <summary>The event log: one JSON line a change. A log that cannot be written is reported once and stops
/// nothing.</summary>
/// <param name="files">The host's files.</param>
/// <param name="clock">The time of a line.</param>
/// <param name="warn">Notified once when the log cannot be written.</param>
internal sealed class EventLogFile(IHostFiles files, TimeProvider clock, Action<string> warn) : IEventLog
{
    private bool _hasWarned;

    /// <summary>Adds a line.</summary>
    /// <param name="entry">What changed.</param>
    public void Write(HostEvent entry)
    {
        var line = new VgpuEventInfo
        {
            Time = clock.GetUtcNow().UtcDateTime,
            Source = entry.Source,
            VmId = entry.Vm,
            Action = entry.Action,
            Target = entry.Target,
            Before = entry.Before,
            After = entry.After,
        };
        var text = JsonOutput.WriteLine(line, EventLogJsonContext.Default.VgpuEventInfo);
        try
        {
            files.CreateDirectory(StatePaths.LogFolder, StatePaths.LogFolderMode);
            files.Append(StatePaths.Events, text, StatePaths.SharedMode);
        }
        catch (HostFileException failure)
        {
            WarnOnce(failure);
        }
    }

    private void WarnOnce(HostFileException failure)
    {
        if (!_hasWarned)
        {
            _hasWarned = true;
            warn($"the event log {StatePaths.Events} is not written: {failure.Operation}: "
                + $"{Errno.Describe(failure.Number)}; see df -h /var/log");
        }
    }
}
