using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Licensing;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.GuestWork;

namespace VgpuPS.Core.UseCases.SetGuestLicense;

/// <summary>Carries a plan out in the guest, and takes it back where no licence comes of it.</summary>
internal sealed class LicenseChange(
    HostPorts host, SetGuestLicenseRequest request, ClientToken token, LicensePlan plan, IProgress<StepProgress> progress)
{
    /// <summary>Mode of a token in a Linux guest.</summary>
    /// <remarks>Source: facts/host-behaviour.md 9: NVIDIA's guide says chmod 744.</remarks>
    private const string TokenMode = "744";

    private const int ShownLines = 6;

    private static readonly TimeSpan s_comingBack = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _limit = TimeSpan.FromSeconds(request.TimeoutSeconds);
    private int _done;

    private GuestOs Os => plan.Os;

    /// <summary>Does it.</summary>
    /// <exception cref="VgpuException">A step failed, or no licence was acquired.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mark = await Os.MarkLogAsync(cancellationToken).ConfigureAwait(false);
        LicenseSituation? seen;
        try
        {
            await ApplyAsync(cancellationToken).ConfigureAwait(false);
            seen = await new LicenseWaiter(host, plan, token, _limit).WaitAsync(mark, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException)
        {
            await RestoreAsync().ConfigureAwait(false);
            throw;
        }

        if (seen is null)
        {
            Log("setGuestLicense", plan.Vgpus[0].Guest?.License?.Status ?? "", $"Licensed by {token}");
            return;
        }

        var left = await RestoreAsync().ConfigureAwait(false);
        Log("setGuestLicenseFailed", plan.Vgpus[0].Guest?.License?.Status ?? "", LicenseCauses.Find(seen).Row);
        throw NotAcquired(seen, left);
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        if (plan.NeedsToken || plan.OldTokens.Count > 0)
        {
            Report($"Token of {Os.Guest.Vm.Label}: {plan.TokenPath}");
        }

        foreach (var old in plan.OldTokens)
        {
            await Os.MoveAsync(old, old + GuestOs.AsideSuffix, cancellationToken).ConfigureAwait(false);
        }

        if (plan.NeedsToken)
        {
            await Os.WriteAsync(plan.TokenPath, token.Text, TokenMode, cancellationToken).ConfigureAwait(false);
            if (!await Os.IsSameAsync(plan.TokenPath, token.Text, cancellationToken).ConfigureAwait(false))
            {
                throw new HostCommandException(
                    ErrorIds.ReadBackMismatch, $"the token was written to {plan.TokenPath} in {Os.Guest.Vm.Label}, and reads back otherwise",
                    $"Look at the guest's disk: qm guest exec {Os.Guest.Vm.Id} -- ls -l {plan.TokenPath}", "write", 0, "",
                    Os.Guest.Vm.Id.ToString());
            }
        }

        if (plan.NeedsConfig)
        {
            Report(string.Create(CultureInfo.InvariantCulture, $"Configuration of {Os.Guest.Vm.Label}: FeatureType {plan.FeatureType}"));
            await Os.WriteConfigAsync(plan.Config, plan.FeatureType, cancellationToken).ConfigureAwait(false);
        }

        Report($"Restart {Os.ServiceName} in {Os.Guest.Vm.Label}, and wait for its licence");
        await Os.RestartServiceAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts back what was there; says for people what the guest is left with.</summary>
    private async Task<string> RestoreAsync()
    {
        if (request.KeepOnFailure)
        {
            return "the guest keeps the new configuration, as -KeepOnFailure says";
        }

        var started = host.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                await PutBackAsync().ConfigureAwait(false);
                return "the guest has the configuration from before";
            }
            catch (HostNotReadyException e) when (e.ErrorId is ErrorIds.GuestAgentNotRunning or ErrorIds.GuestUnreachable
                && host.Clock.GetElapsedTime(started) < s_comingBack)
            {
                // It may be restarting, in which case it comes back.
                await Task.Delay(s_pause, host.Clock, CancellationToken.None).ConfigureAwait(false);
            }
            catch (VgpuException e)
            {
                var text = $"{Os.Guest.Vm.Label} could not be given its configuration from before: {e.Message}; old tokens end "
                    + $"with {GuestOs.AsideSuffix} in {plan.Config.TokenFolder}";
                host.Warn(text);
                return text;
            }
        }
    }

    private async Task PutBackAsync()
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

    private HostCommandException NotAcquired(LicenseSituation seen, string left)
    {
        var cause = LicenseCauses.Find(seen);
        var lines = seen.Log.LastLines(ShownLines);
        var said = lines.Count == 0 ? $"{Os.ServiceName} logged nothing" : $"{Os.ServiceName} says:{string.Concat(lines.Select(l => $"\n    {l}"))}";
        return new HostCommandException(
            ErrorIds.LicenseNotAcquired,
            $"{Os.Guest.Vm.Label} did not get its licence: {cause.Text} ({cause.Row}); {left}; {said}",
            cause.Fix, $"restart {Os.ServiceName}", null, string.Join('\n', lines), Os.Guest.Vm.Id.ToString());
    }

    private void Report(string text)
    {
        _done++;
        progress.Report(new StepProgress(_done, Math.Max(_done, plan.NeedsConfig ? 3 : 2), text));
    }

    private void Log(string action, string before, string after) => host.Events.Write(new HostEvent(
        request.Source, Os.Guest.Vm.Id.Value, action, $"VM {Os.Guest.Vm.Id} licence", before, after));
}
