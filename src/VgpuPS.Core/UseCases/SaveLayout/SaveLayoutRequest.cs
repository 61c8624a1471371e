using VgpuPS.Core.Contracts;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.SaveLayout;

/// <summary>Asks for a layout to become the host's own, which it is given at each boot.</summary>
public sealed record SaveLayoutRequest : ChangeRequest
{
    /// <summary>The layout.</summary>
    public required HostLayout Layout { get; init; }
}
