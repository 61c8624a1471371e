namespace VgpuPS.Core.Contracts;

/// <summary>Whether the hook enables virtual functions.</summary>
public enum SriovPolicy
{
    /// <summary>Enabled when a start needs one.</summary>
    Ensure,

    /// <summary>Left to others; a start without its function is refused.</summary>
    Never,
}
