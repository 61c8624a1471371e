namespace VgpuPS.Core.Claims;

/// <summary>How far a VM's claim to a vGPU has come.</summary>
public enum ClaimState
{
    /// <summary>Prepared at pre-start; the VM does not run yet.</summary>
    Pending,

    /// <summary>The VM runs.</summary>
    Live,

    /// <summary>The VM stopped and is about to come back: its capacity is reserved for a while.</summary>
    Held,
}
