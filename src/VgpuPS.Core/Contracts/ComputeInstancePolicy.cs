namespace VgpuPS.Core.Contracts;

/// <summary>Who makes the compute instance of a GPU instance.</summary>
public enum ComputeInstancePolicy
{
    /// <summary>The hook: one that fills the GPU instance.</summary>
    Full,

    /// <summary>The guest's driver.</summary>
    Guest,
}
