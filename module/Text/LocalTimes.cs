namespace VgpuPS.Text;

/// <summary>Times as PowerShell compares them: those of hosts are UTC, and Get-Date is the workstation's own.</summary>
internal static class LocalTimes
{
    /// <summary>A host with times of this machine's zone.</summary>
    public static HostInfo InLocalTime(this HostInfo host) => host with
    {
        BootTime = host.BootTime?.ToLocalTime(),
        LockHolder = host.LockHolder is { } holder ? holder with { Since = holder.Since?.ToLocalTime() } : null,
    };

    /// <summary>A claim with its time in this machine's zone.</summary>
    public static VgpuClaimInfo InLocalTime(this VgpuClaimInfo claim) =>
        claim with { Since = claim.Since?.ToLocalTime() };

    /// <summary>A measurement with its time in this machine's zone.</summary>
    public static VgpuMetricInfo InLocalTime(this VgpuMetricInfo sample) =>
        sample with { Time = sample.Time.ToLocalTime() };

    /// <summary>A change with its time in this machine's zone.</summary>
    public static VgpuEventInfo InLocalTime(this VgpuEventInfo entry) => entry with { Time = entry.Time.ToLocalTime() };
}
