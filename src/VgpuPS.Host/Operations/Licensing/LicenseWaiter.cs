using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>Waits until a licence is really there: by the service's log, <c>nvidia-smi</c> in the guest, and NVML on
/// the host.</summary>
internal sealed class LicenseWaiter(HostPorts host, LicensePlan plan, ClientToken token, TimeSpan limit)
{

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    /// <summary>Waits.</summary>
    /// <param name="mark">The log before the restart.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null where the licence was acquired; else what was seen.</returns>
    public async Task<LicenseSituation?> WaitAsync(string mark, CancellationToken cancellationToken)
    {
        var os = plan.Os;
        var started = host.Clock.GetTimestamp();
        while (true)
        {
            var log = await os.ReadLogAsync(mark, cancellationToken).ConfigureAwait(false);
            if (log.Outcome?.Kind == GriddEventKind.Acquired)
            {
                var smi = await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false);
                if (smi.IsLicensed && new GuestConnector(host).AreLicensed(plan.Vgpus))
                {
                    return null;
                }
            }

            if (IsFinal(log) || host.Clock.GetElapsedTime(started) >= limit)
            {
                var smi = await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false);
                return await os.ProbeAsync(Situation(log, smi), cancellationToken).ConfigureAwait(false);
            }

            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    // What the service says again at every try, so that waiting for more of it does not help.
    private static bool IsFinal(GriddLog log) =>
        log.Outcome?.Kind == GriddEventKind.Failed
        || (log.Outcome is null && (log.Has(GriddEventKind.TokenMissing) || log.DriverMismatch is not null));

    private LicenseSituation Situation(GriddLog log, SmiReport smi) => new()
    {
        Log = log,
        Smi = smi,
        VgpuClass = plan.VgpuClass,
        FeatureType = plan.FeatureType,
        TokenServers = token.Servers,
        Port = token.Ports[0],
        ClockSkew = plan.Skew,
        HostDriver = plan.HostDriver,
        IsWindows = plan.Os.Guest.System.IsWindows,
    };
}
