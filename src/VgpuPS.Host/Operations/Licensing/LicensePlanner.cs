using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>Reads a guest and decides what its licence needs; changes nothing.</summary>
internal sealed class LicensePlanner(HostPorts host, SetGridLicenseRequest request, ClientToken token)
{
    private const string UsualName = "client_configuration_token.tok";

    /// <summary>Makes the plan.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason.</exception>
    public async Task<LicensePlan> MakeAsync(GuestOs os, CancellationToken cancellationToken)
    {
        var (vgpus, hostDriver) = new GuestConnector(host).FindVgpus(os.Guest.Vm);
        var time = await os.GetTimeAsync(cancellationToken).ConfigureAwait(false);
        var skew = time - host.Clock.GetUtcNow();
        RequireClock(os, skew);
        var smi = await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false);
        var config = await os.ReadConfigAsync(smi.DriverVersion, cancellationToken).ConfigureAwait(false);
        var tokens = await os.GetTokensAsync(config.TokenFolder, cancellationToken).ConfigureAwait(false);
        var path = os.Combine(config.TokenFolder, FileName(request.TokenName));
        var isThere = false;
        foreach (var found in tokens)
        {
            if (!isThere && await os.IsSameAsync(found, token.Text, cancellationToken).ConfigureAwait(false))
            {
                (isThere, path) = (true, found);
            }
        }

        return new LicensePlan
        {
            Os = os,
            Vgpus = vgpus,
            HostDriver = hostDriver,
            Config = config,
            Smi = smi,
            Skew = skew,
            TokenPath = path,
            NeedsToken = !isThere,
            OldTokens = [.. tokens.Where(t => !isThere || t != path)],
            FeatureType = request.FeatureType
                ?? (config.FeatureType is null or (int)LicenseFeature.Unlicensed
                    ? (int)LicenseFeature.Vgpu : config.FeatureType.Value),
        };
    }

    private static void RequireClock(GuestOs os, TimeSpan skew)
    {
        if (skew.Duration() > LicenseCauses.MaxSkew)
        {
            var vm = os.Guest.Vm;
            throw new HostNotReadyException(
                ErrorIds.GuestClockSkew,
                $"the clock of {vm.Label} is {LicenseCauses.Describe(skew)}, and a licence server rejects that (F4)",
                LicenseCauses.ClockFix(os.Guest.System.IsWindows), vm.Id.ToString());
        }
    }

    // The service reads *.tok; a name that a shell or a listing could take amiss is replaced.
    private static string FileName(string name) =>
        name.EndsWith(".tok", StringComparison.OrdinalIgnoreCase) && name.Length is > 4 and <= 128
            && name[0] is not ('-' or '.')
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? name : UsualName;
}
