namespace VgpuPS.Core.UseCases.ReleaseGuest;

/// <summary>What became of a stopped VM's vGPUs.</summary>
public enum ReleaseGuestResult
{
    /// <summary>The VM had none.</summary>
    Nothing,

    /// <summary>Given back.</summary>
    Released,

    /// <summary>The VM runs: the phase came late.</summary>
    StillRunning,

    /// <summary>The VM is about to come back; its room is kept for a while.</summary>
    Held,

    /// <summary>A device is still in use; the next sweep tries again.</summary>
    Deferred,
}
