namespace VgpuPS.KernelBed.Guest;

/// <summary>Which of a back end's guests runs a scenario: they run side by side, and each takes about as
/// long.</summary>
internal enum Share
{
    /// <summary>What keeps the processor busy.</summary>
    Working,

    /// <summary>What mostly waits, for limits, for a slow driver, for the kernel; and the kills.</summary>
    Waiting,

    /// <summary>What is measured beside something else: a guest of its own, with a second processor.</summary>
    Beside,
}
