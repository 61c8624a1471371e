namespace VgpuPS.Lab.Proxmox;

/// <summary>How a task of Proxmox ended.</summary>
/// <param name="Error">Proxmox's text, as in the task log; null when the task was OK.</param>
public sealed record LabTaskResult(string? Error)
{
    /// <summary>Whether the task was OK.</summary>
    public bool Succeeded => Error is null;

    /// <summary>What the task printed as its result, such as a command line; empty where it has none.</summary>
    public IReadOnlyList<string> Output { get; init; } = [];
}
