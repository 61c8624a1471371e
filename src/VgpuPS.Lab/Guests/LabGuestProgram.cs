namespace VgpuPS.Lab.Guests;

/// <summary>A program that still runs in a guest.</summary>
public sealed class LabGuestProgram
{
    /// <summary>Its process id in the guest.</summary>
    public int Pid { get; set; }

    /// <summary>When it ends, on the machine's monotonic clock.</summary>
    public long EndsAtNs { get; set; }

    /// <summary>What the agent will answer then.</summary>
    public string Answer { get; set; } = "";
}
