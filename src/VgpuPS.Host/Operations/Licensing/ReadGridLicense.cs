using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>Asks a guest itself about its licence; changes nothing.</summary>
internal sealed class ReadGridLicense(HostPorts host)
{
    private const string Ever = "0";
    private const int ShownLines = 10;

    /// <summary>Asks it.</summary>
    /// <exception cref="VgpuException">The guest cannot be asked, or has no driver.</exception>
    public async Task<GridLicenseReport> RunAsync(ReadGridLicenseRequest request, CancellationToken cancellationToken)
    {
        var guest = await new GuestConnector(host).OpenAsync(
            request.Vm, request.Via, request.GuestAddress, request.GuestLogin, "",
            cancellationToken).ConfigureAwait(false);
        var os = GuestOs.For(guest);
        var time = await os.GetTimeAsync(cancellationToken).ConfigureAwait(false);
        var skew = time - host.Clock.GetUtcNow();
        var smi = await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false);
        var config = await os.ReadConfigAsync(smi.DriverVersion, cancellationToken).ConfigureAwait(false);
        var tokens = await os.GetTokensAsync(config.TokenFolder, cancellationToken).ConfigureAwait(false);
        var log = await os.ReadLogAsync(Ever, cancellationToken).ConfigureAwait(false);
        var product = smi.Products.Count > 0 ? smi.Products[0] : null;
        return new GridLicenseReport(
            guest.Vm.Id.Value, guest.System.Name, smi.DriverVersion, product?.Name, product?.Status, product?.Expiry,
            log.Server, config.FeatureType, Math.Round(skew.TotalSeconds), tokens.Count, log.LastLines(ShownLines));
    }
}

/// <summary>Asks a guest itself about its licence.</summary>
public sealed record ReadGridLicenseRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>How the guest is reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guest as, with a password; null for a key of the host's root. A
    /// secret.</summary>
    public GuestLogin? GuestLogin { get; init; }
}
