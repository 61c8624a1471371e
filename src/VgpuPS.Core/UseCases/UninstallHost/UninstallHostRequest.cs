using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.UninstallHost;

/// <summary>Asks for the product to be taken off its host.</summary>
public sealed record UninstallHostRequest : ChangeRequest
{
    /// <summary>Whether configuration, layout and log go as well.</summary>
    public bool RemoveConfiguration { get; init; }
}
