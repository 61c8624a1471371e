using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.ReadGuestLicense;

/// <summary>Asks a guest itself about its licence.</summary>
public sealed record ReadGuestLicenseRequest
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
