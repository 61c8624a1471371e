using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>Executes a plan in the guest, and rolls it back where no licence comes of it.</summary>
internal sealed class LicenseChange(
    HostPorts host, SetGridLicenseRequest request, ClientToken token, LicensePlan plan,
    IProgress<StepProgress> progress)
{
    /// <summary>Mode of a token in a Linux guest.</summary>
    /// <remarks>Source: facts/host-behaviour.md 9: NVIDIA's guide says chmod 744.</remarks>
    private const string TokenMode = "744";

    private const int ShownLines = 6;

    private static readonly TimeSpan s_comingBack = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly Executor _executor = new(host, request.Source, progress) { Vm = plan.Os.Guest.Vm.Id.Value };
    private LicenseSituation? _seen;
    private string _left = "the guest keeps the new configuration, because of -KeepOnFailure";

    private GuestOs Os => plan.Os;

    /// <summary>Does it.</summary>
    /// <exception cref="VgpuException">A step failed, or no licence was acquired.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mark = await Os.MarkLogAsync(cancellationToken).ConfigureAwait(false);
        await _executor.RunAsync([.. Steps(mark)], cancellationToken).ConfigureAwait(false);
        if (_seen is null)
        {
            Log("setGuestLicense", $"Licensed by {token}");
            return;
        }

        await _executor.UndoAsync().ConfigureAwait(false);
        Log("setGuestLicenseFailed", LicenseCauses.Find(_seen).Row);
        throw NotAcquired(_seen);
    }

    private IEnumerable<ChangeStep> Steps(string mark)
    {
        var label = Os.Guest.Vm.Label;
        if (plan.NeedsToken || plan.OldTokens.Count > 0)
        {
            yield return Step($"token of {label}: {plan.TokenPath}", WriteTokenAsync);
        }

        if (plan.NeedsConfig)
        {
            yield return Step(
                string.Create(CultureInfo.InvariantCulture,
                    $"configuration of {label}: FeatureType {plan.FeatureType}"),
                token => Os.WriteConfigAsync(plan.Config, plan.FeatureType, token));
        }

        yield return Step($"restart {Os.ServiceName} in {label}, and wait for its licence", async stop =>
        {
            await Os.RestartServiceAsync(stop).ConfigureAwait(false);
            _seen = await new LicenseWaiter(host, plan, token, TimeSpan.FromSeconds(request.TimeoutSeconds))
                .WaitAsync(mark, stop).ConfigureAwait(false);
        });
    }

    /// <summary>All of them are undone together: the service reads what there is then.</summary>
    private ChangeStep Step(string text, Func<CancellationToken, Task> run)
    {
        return new ChangeStep(text, token =>
        {
            if (_executor.Done.Count == 0 && !request.KeepOnFailure)
            {
                _executor.OnUndo(_ => RestoreAsync());
            }

            return run(token);
        });
    }

    private async Task WriteTokenAsync(CancellationToken cancellationToken)
    {
        foreach (var old in plan.OldTokens)
        {
            await Os.MoveAsync(old, old + GuestOs.AsideSuffix, cancellationToken).ConfigureAwait(false);
        }

        if (!plan.NeedsToken)
        {
            return;
        }

        await Os.WriteAsync(plan.TokenPath, token.Text, TokenMode, cancellationToken).ConfigureAwait(false);
        if (!await Os.IsSameAsync(plan.TokenPath, token.Text, cancellationToken).ConfigureAwait(false))
        {
            throw new HostCommandException(
                ErrorIds.ReadBackMismatch,
                $"the token was written to {plan.TokenPath} in {Os.Guest.Vm.Label}, and does not read back as written",
                $"look at the guest's disk: qm guest exec {Os.Guest.Vm.Id} -- ls -l {plan.TokenPath}", "write", 0, "",
                Os.Guest.Vm.Id.ToString());
        }
    }

    /// <summary>Restores what was there; <see cref="_left"/> says what the guest is left with.</summary>
    private async Task RestoreAsync()
    {
        var started = host.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                await RollBackAsync().ConfigureAwait(false);
                _left = "the guest has its previous configuration";
                return;
            }
            catch (HostNotReadyException e) when (e.ErrorId is ErrorIds.GuestAgentNotRunning
                or ErrorIds.GuestUnreachable
                && host.Clock.GetElapsedTime(started) < s_comingBack)
            {
                // It may be restarting, in which case it comes back.
                await Task.Delay(s_pause, host.Clock, CancellationToken.None).ConfigureAwait(false);
            }
            catch (VgpuException e)
            {
                _left = $"{Os.Guest.Vm.Label} could not be restored to its previous configuration: {e.Message}; "
                    + "old tokens end "
                    + $"with {GuestOs.AsideSuffix} in {plan.Config.TokenFolder}";
                host.Warn(_left);
                return;
            }
        }
    }

    private async Task RollBackAsync()
    {
        if (plan.NeedsToken)
        {
            await Os.RemoveAsync(plan.TokenPath, CancellationToken.None).ConfigureAwait(false);
        }

        foreach (var old in plan.OldTokens)
        {
            await Os.MoveAsync(old + GuestOs.AsideSuffix, old, CancellationToken.None).ConfigureAwait(false);
        }

        if (plan.NeedsConfig)
        {
            await Os.RestoreConfigAsync(plan.Config, CancellationToken.None).ConfigureAwait(false);
        }

        await Os.RestartServiceAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private HostCommandException NotAcquired(LicenseSituation seen)
    {
        var cause = LicenseCauses.Find(seen);
        var lines = seen.Log.LastLines(ShownLines);
        var said = lines.Count == 0 ? $"{Os.ServiceName} logged nothing" : $"{Os.ServiceName} "
            + $"reports:{string.Concat(lines.Select(l => $"\n    {l}"))}";
        return new HostCommandException(
            ErrorIds.LicenseNotAcquired,
            $"{Os.Guest.Vm.Label} did not acquire its licence: {cause.Text} ({cause.Row}); {_left}; {said}",
            cause.Fix, $"restart {Os.ServiceName}", null, string.Join('\n', lines), Os.Guest.Vm.Id.ToString());
    }

    private void Log(string action, string after) => _executor.Log(
        action, $"VM {Os.Guest.Vm.Id} licence", plan.Vgpus[0].Guest?.License?.Status ?? "", after);
}
