namespace VgpuPS.Core.UseCases.BootHost;

/// <summary>Asks for the host's layout to be put back after a boot.</summary>
public sealed record BootHostRequest
{
    /// <summary>How long driver, GPUs and services are waited for, and for how long a busy GPU is tried again.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(120);
}
