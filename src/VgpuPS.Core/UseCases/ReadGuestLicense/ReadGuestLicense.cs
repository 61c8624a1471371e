using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.GuestWork;

namespace VgpuPS.Core.UseCases.ReadGuestLicense;

/// <summary>Asks a guest itself about its licence; changes nothing.</summary>
public sealed class ReadGuestLicense(HostPorts host)
{
    private const string Ever = "0";
    private const int ShownLines = 10;

    /// <summary>Asks it.</summary>
    /// <exception cref="VgpuException">The guest cannot be asked, or has no driver.</exception>
    public async Task<GuestLicenseReport> RunAsync(ReadGuestLicenseRequest request, CancellationToken cancellationToken)
    {
        var guest = await new GuestOpener(host).OpenAsync(
            request.Vm, request.Via, request.GuestAddress, request.GuestLogin, "", cancellationToken).ConfigureAwait(false);
        var os = GuestOs.For(guest);
        var time = await os.GetTimeAsync(cancellationToken).ConfigureAwait(false);
        var skew = time - host.Clock.GetUtcNow();
        var smi = await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false);
        var config = await os.ReadConfigAsync(cancellationToken).ConfigureAwait(false);
        var tokens = await os.GetTokensAsync(config.TokenFolder, cancellationToken).ConfigureAwait(false);
        var log = await os.ReadLogAsync(Ever, cancellationToken).ConfigureAwait(false);
        var product = smi.Products.Count > 0 ? smi.Products[0] : null;
        return new GuestLicenseReport(
            guest.Vm.Id.Value, guest.System.Name, smi.DriverVersion, product?.Name, product?.Status, product?.Expiry, log.Server,
            config.FeatureType, Math.Round(skew.TotalSeconds), tokens.Count, log.LastLines(ShownLines));
    }
}
