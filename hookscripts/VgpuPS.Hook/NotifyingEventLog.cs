using VgpuPS.Core.Events;

namespace VgpuPS.Hook;

/// <summary>Reports every change as it is logged, where the use case's result does not list them.</summary>
/// <param name="log">The log.</param>
/// <param name="notify">Takes a sentence per change.</param>
internal sealed class NotifyingEventLog(IEventLog log, Action<string> notify) : IEventLog
{
    public void Write(HostEvent entry)
    {
        log.Write(entry);
        notify(Describe(entry));
    }

    private static string Describe(HostEvent entry)
    {
        var what = entry.Action switch
        {
            "destroyGpuInstance" => "released GPU instance",
            "destroyComputeInstance" => "released the compute instance in",
            "removeMediatedDevice" => "removed mediated device",
            "clearVgpuType" => "cleared the vGPU type of",
            _ => entry.Action,
        };
        return entry.Before.Length == 0 ? $"{what} {entry.Target}" : $"{what} {entry.Target} ({entry.Before})";
    }
}
