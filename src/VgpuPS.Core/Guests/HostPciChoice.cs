namespace VgpuPS.Core.Guests;

/// <summary>The devices among which Proxmox chooses for a <c>hostpciN</c> entry, or its refusal.</summary>
/// <param name="Alternatives">Alternatives in the order in which they are tried; empty with an error.</param>
/// <param name="IsLiveMigrationCapable">Whether the mapping says so.</param>
/// <param name="Error">Proxmox's text, or null.</param>
public sealed record HostPciChoice(
    IReadOnlyList<HostPciAlternative> Alternatives, bool IsLiveMigrationCapable, string? Error)
{
    /// <summary>Whether the functions of an alternative become functions of one guest device.</summary>
    public bool IsMultifunction => Alternatives.Any(alternative => alternative.Functions.Count > 1);
}
