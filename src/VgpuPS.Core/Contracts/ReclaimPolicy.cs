namespace VgpuPS.Core.Contracts;

/// <summary>When hook-made instances are destroyed.</summary>
public enum ReclaimPolicy
{
    /// <summary>When the VM has stopped and nobody needs them.</summary>
    OnStop,

    /// <summary>Not by the hook.</summary>
    Never,
}
