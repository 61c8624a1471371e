namespace VgpuPS.Core.Licensing;

/// <summary>How a guest's driver fits the host's.</summary>
public enum GuestDriverVerdict
{
    /// <summary>No driver answers in the guest.</summary>
    Missing = 0,

    /// <summary>Of the same branch.</summary>
    SameBranch,

    /// <summary>Of an older branch: works as long as the host takes it.</summary>
    OlderBranch,

    /// <summary>Of a newer branch than the host's.</summary>
    NewerBranch,

    /// <summary>A version that cannot be read.</summary>
    Unknown,
}
