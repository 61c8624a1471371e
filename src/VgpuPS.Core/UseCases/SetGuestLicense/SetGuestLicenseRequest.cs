using System.Text;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.SetGuestLicense;

/// <summary>Asks for a guest to be given a licence. It carries the token, which nothing prints.</summary>
public sealed record SetGuestLicenseRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>What the token's file holds. A secret.</summary>
    public required string Token { get; init; }

    /// <summary>Name of the token's file, without a folder.</summary>
    public required string TokenName { get; init; }

    /// <summary>Which licence to ask for: 0, 1, 2 or 4; null for what is set, or 1.</summary>
    public int? FeatureType { get; init; }

    /// <summary>The server that the token must be for; null for any.</summary>
    public string? Server { get; init; }

    /// <summary>How the guest is reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guest as, with a password; null for a key of the host's root. A secret.</summary>
    public GuestLogin? GuestLogin { get; init; }

    /// <summary>Whether the guest keeps the new configuration where no licence is acquired.</summary>
    public bool KeepOnFailure { get; init; }

    /// <summary>How long to wait for the licence, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 120;

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Vm = ").Append(Vm).Append(", TokenName = ").Append(TokenName).Append(", Token = [token]");
        return true;
    }
}
