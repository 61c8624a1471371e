namespace VgpuPS.Lab.Guests;

/// <summary>What the licence service does at a moment to come, or did at one that has passed.</summary>
public sealed class LabGuestEvent
{
    /// <summary>When, on the machine's monotonic clock.</summary>
    public long AtNs { get; set; }

    /// <summary>The line that it logs.</summary>
    public string Line { get; set; } = "";

    /// <summary>The guest's own time when it logged it, in seconds since 1970.</summary>
    public long GuestSeconds { get; set; }

    /// <summary>The licence's state from then on, as in NVML; null for no change.</summary>
    public uint? State { get; set; }

    /// <summary>When the licence ends, in seconds since 1970; null for none.</summary>
    public long? Expiry { get; set; }
}
