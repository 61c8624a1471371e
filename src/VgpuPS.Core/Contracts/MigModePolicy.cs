namespace VgpuPS.Core.Contracts;

/// <summary>Whether the hook switches MIG mode on.</summary>
public enum MigModePolicy
{
    /// <summary>Only where the layout says MIG.</summary>
    Never,

    /// <summary>Where a start needs it and the GPU is idle.</summary>
    WhenIdle,
}
