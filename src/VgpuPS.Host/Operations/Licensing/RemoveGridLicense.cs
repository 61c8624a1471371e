using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>Removes a guest's tokens, old ones included, and restarts its licence service, which gives the licence
/// back.</summary>
internal sealed class RemoveGridLicense(HostPorts host)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="ObjectNotFoundException">The guest has no token.</exception>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        RemoveGridLicenseRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var guest = await new GuestConnector(host).OpenAsync(
            request.Vm, request.Via, request.GuestAddress, request.GuestLogin, "",
            cancellationToken).ConfigureAwait(false);
        var os = GuestOs.For(guest);
        var driver = guest.System.IsWindows
            ? await os.FindDriverAsync(cancellationToken).ConfigureAwait(false) : null;
        var config = await os.ReadConfigAsync(driver, cancellationToken).ConfigureAwait(false);
        var tokens = await os.GetTokensAsync(config.TokenFolder, cancellationToken).ConfigureAwait(false);
        if (tokens.Count == 0)
        {
            throw new ObjectNotFoundException(
                ErrorIds.LicenseNotFound, $"{guest.Vm.Label} has no token in {config.TokenFolder}",
                $"see the licences: Get-GridLicense {guest.Vm.Id}", guest.Vm.Id.ToString());
        }

        List<string> steps =
        [
            .. tokens.Select(t => $"remove the token {t} from {guest.Vm.Label}"),
            $"restart {os.ServiceName}, which returns the licence, and check that it is released",
        ];
        var plan = new ChangePlan(guest.Vm.Label, steps, []);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []);
        }

        var executor = new Executor(host, request.Source, progress) { Vm = guest.Vm.Id.Value };
        await GuestLock.HoldAsync(
            host, os, () => executor.RunAsync([.. Steps(os, tokens)], cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return new ChangeResult(plan, [new ChangedObject { VmId = guest.Vm.Id.Value }]);
    }

    private IEnumerable<ChangeStep> Steps(GuestOs os, IReadOnlyList<string> tokens)
    {
        var vm = os.Guest.Vm;
        yield return new ChangeStep($"remove tokens from {vm.Label}", async token =>
        {
            foreach (var path in tokens)
            {
                await os.RemoveAsync(path, token).ConfigureAwait(false);
                await os.RemoveAsync(path + GuestOs.AsideSuffix, token).ConfigureAwait(false);
            }
        });
        yield return new ChangeStep($"restart {os.ServiceName} in {vm.Label}", token => RestartAsync(os, token))
        {
            Event = new StepEvent("removeGuestLicense", $"VM {vm.Id} licence", $"{tokens.Count} tokens"),
        };
    }

    private async Task RestartAsync(GuestOs os, CancellationToken cancellationToken)
    {
        await os.RestartServiceAsync(cancellationToken).ConfigureAwait(false);
        var started = host.Clock.GetTimestamp();
        while ((await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false)).IsLicensed)
        {
            if (host.Clock.GetElapsedTime(started) >= s_limit)
            {
                throw new HostCommandException(
                    ErrorIds.ReadBackMismatch,
                    $"{os.Guest.Vm.Label} has no token, and still has its licence after {s_limit.TotalSeconds} s",
                    os.Guest.System.IsWindows
                        ? $"see where else it has a token: reg query \"HKLM\\{GridRegistry.DriverKey}\""
                        : "see where else it has a token: grep ClientConfigTokenPath /etc/nvidia/gridd.conf",
                    $"restart {os.ServiceName}",
                    0, "", os.Guest.Vm.Id.ToString());
            }

            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Requests a guest's licence to be released and its tokens to be removed.</summary>
public sealed record RemoveGridLicenseRequest : ChangeRequest
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
