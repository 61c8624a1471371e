namespace VgpuPS.Core.Gpu;

/// <summary>MIG mode now, and after the next reset.</summary>
/// <param name="Current">Whether MIG mode is on.</param>
/// <param name="Pending">Whether it will be on after the next GPU reset.</param>
/// <remarks>
/// Source: nvml.h, nvmlDeviceGetMigMode. A GPU without MIG has no such state (null where this is nullable). Ampere
/// keeps the mode over a reboot, Hopper and newer forget it (facts/host-behaviour.md 4, facts/mig-profiles.json;
/// assumed for those that no source names): nothing relies on either, the mode is read, and <c>vgpu-hook boot</c> sets
/// it again.
/// </remarks>
public sealed record MigMode(bool Current, bool Pending);

/// <summary>What became of a change of MIG mode.</summary>
/// <remarks>
/// Source: facts/nvml.md 5: besides its return code the call reports an activation status; with a failing one the
/// pending mode has changed and the current one has not.
/// </remarks>
public enum MigModeChange
{
    /// <summary>Reported as done; read back before believing it.</summary>
    Applied,

    /// <summary>The GPU is in use by another client.</summary>
    InUse,

    /// <summary>A GPU reset or a reboot is needed.</summary>
    ResetRequired,

    /// <summary>The driver cannot activate it here, as in a VM that the GPU is passed through to: activation status Not
    /// Supported.</summary>
    /// <remarks>Source: facts/errors.md C2.</remarks>
    NotActivated,
}
