namespace VgpuPS.Core.Contracts;

/// <summary>How time-sliced vGPUs share a GPU.</summary>
public enum SchedulerPolicy
{
    /// <summary>Whoever has work runs.</summary>
    BestEffort,

    /// <summary>Equal parts among the running vGPUs.</summary>
    EqualShare,

    /// <summary>Equal parts among the vGPUs that fit.</summary>
    FixedShare,
}
