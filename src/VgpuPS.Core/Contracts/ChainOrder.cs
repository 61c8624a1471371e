namespace VgpuPS.Core.Contracts;

/// <summary>Whether a chained script runs before or after the hook's own part.</summary>
public enum ChainOrder
{
    /// <summary>Before.</summary>
    Before,

    /// <summary>After.</summary>
    After,
}
