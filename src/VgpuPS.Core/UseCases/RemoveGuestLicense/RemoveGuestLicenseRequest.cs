using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.RemoveGuestLicense;

/// <summary>Asks for a guest's licence to be given back and its tokens to be removed.</summary>
public sealed record RemoveGuestLicenseRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>How the guest is reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guest as, with a password; null for a key of the host's root. A secret.</summary>
    public GuestLogin? GuestLogin { get; init; }
}
