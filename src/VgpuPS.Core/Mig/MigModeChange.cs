namespace VgpuPS.Core.Mig;

/// <summary>What became of a change of MIG mode.</summary>
/// <remarks>
/// Source: facts/nvml.md 5: besides its return code the call reports an activation status; with a failing one the pending
/// mode has changed and the current one has not.
/// </remarks>
public enum MigModeChange
{
    /// <summary>Reported as done; read back before believing it.</summary>
    Applied,

    /// <summary>The GPU is in use by another client.</summary>
    InUse,

    /// <summary>A GPU reset or a reboot is needed.</summary>
    ResetRequired,
}
