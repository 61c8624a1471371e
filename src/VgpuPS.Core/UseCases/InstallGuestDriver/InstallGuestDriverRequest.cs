using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.InstallGuestDriver;

/// <summary>Asks for a guest driver to be installed. The file lies on the host: it is too large to travel with a request.</summary>
public sealed record InstallGuestDriverRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Absolute path of the driver's file on the Proxmox host.</summary>
    public required string Path { get; init; }

    /// <summary>Whether a driver newer than the host's is installed all the same.</summary>
    public bool Force { get; init; }

    /// <summary>How the guest is reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guest as, with a password; null for a key of the host's root. A secret.</summary>
    public GuestLogin? GuestLogin { get; init; }
}
