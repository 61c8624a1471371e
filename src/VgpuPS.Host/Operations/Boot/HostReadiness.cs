using VgpuPS.Core.Layout;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Host.Operations.Boot;

/// <summary>
/// Waits until driver, GPUs and services are there: looks again and again at what is, until nothing is missing that
/// could still come, or the time is over. Nothing is kept open between two looks.
/// </summary>
internal sealed class HostReadiness(HostPorts host, IReadOnlyList<GpuLayout> layouts, TimeSpan timeout)
{
    private static readonly string[] s_units = [ServiceCheck.TypesUnit, ServiceCheck.ManagerUnit,
        ServiceCheck.FunctionsUnits];
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_maxPause = TimeSpan.FromSeconds(1);

    // A GPU that the layout does not name may never get the driver: it is another user's.
    private static readonly TimeSpan s_timeoutForOthers = TimeSpan.FromSeconds(20);

    private readonly long _since = host.Clock.GetTimestamp();

    private TimeSpan Elapsed => host.Clock.GetElapsedTime(_since);

    public async Task<ReadinessReport> WaitAsync(CancellationToken cancellationToken)
    {
        var pause = s_firstPause;
        while (true)
        {
            var look = await LookAsync(cancellationToken).ConfigureAwait(false);
            if (look.Pending.Count == 0 || Elapsed >= timeout)
            {
                return new ReadinessReport(look.DriverAnswers, [.. look.Failures, .. look.Pending], look.Notes);
            }

            var remaining = timeout - Elapsed;
            await Task.Delay(
                pause < remaining ? pause : remaining, host.Clock, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < s_maxPause ? pause * 2 : s_maxPause;
        }
    }

    private async Task<Look> LookAsync(CancellationToken cancellationToken)
    {
        var services = await host.Services.ReadAsync(s_units, cancellationToken).ConfigureAwait(false);
        var elapsed = string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds:0} s");
        var check = new ServiceCheck(services, elapsed);
        var notes = check.Notes().ToList();
        if (check.FunctionsAreBeingEnabled)
        {
            // A session of the driver would be a client that keeps the unit from its work.
            return new Look(DriverAnswers: false, [.. check.Failures()], [.. check.Pending(() => true)], notes);
        }

        try
        {
            using var driver = host.Driver.Open();
            List<VgpuException> pending =
                [.. check.Pending(() => TypesAreKnown(driver)), .. FindMissing(driver, elapsed, notes)];
            return new Look(DriverAnswers: true, [.. check.Failures()], pending, notes);
        }
        catch (HostNotReadyException e)
        {
            var late = new HostNotReadyException(
                e.ErrorId, $"{e.Message}, after {elapsed}", $"{e.RecommendedAction}; then: vgpu-hook boot",
                e.Target, e);
            return new Look(DriverAnswers: false, [.. check.Failures()], [late], notes);
        }
    }

    /// <summary>
    /// With functions disabled a driver may report no types, so that this proves something only where it is true.
    /// </summary>
    private bool TypesAreKnown(IGpuDriverSession driver)
    {
        try
        {
            return host.Devices.GetGpus().Where(g => g.Driver == "nvidia")
                .Any(g => driver.GetTypes(g.Address).Count > 0);
        }
        catch (VgpuException)
        {
            return false;
        }
    }

    /// <summary>GPUs that the layout names and the driver has not got, and, for a while, any that have no driver at
    /// all.</summary>
    private IEnumerable<VgpuException> FindMissing(IGpuDriverSession driver, string elapsed, List<string> notes)
    {
        var gpus = host.Devices.GetGpus();
        // Of a model there can be one yet only where a GPU has no driver so far.
        var missing = BootTargets.Find(host, driver, layouts).Where(t => t.Address is null
            && (LayoutTargets.IsIdentity(t.Layout!) || gpus.Any(g => g.Driver is null))).ToList();
        var idle = gpus.Where(g => g.Driver is null && missing.All(m => !IsNamed(m, g.Address))).ToList();
        if (layouts.All(LayoutTargets.IsIdentity) && missing.Count == 0)
        {
            idle.Clear();
        }

        if (Elapsed >= s_timeoutForOthers || Elapsed >= timeout)
        {
            notes.AddRange(idle.Select(g => $"GPU {g.Address} has no driver"));
            idle.Clear();
        }

        // What is missing in the end is reported with the GPU itself.
        return missing.Concat(idle.Select(g => new BootTarget(g.Address.ToString(), null, null, null)))
            .Select(t => new HostTimeoutException(
                ErrorIds.Timeout, $"the driver has no GPU {t.Name} after {elapsed}", "see why: journalctl -k -g NVRM",
                t.Name))
            .Where(_ => Elapsed < timeout);
    }

    private static bool IsNamed(BootTarget target, PciAddress gpu) =>
        PciAddress.TryParse(target.Name, out var address) && address == gpu;

    private sealed record Look(
        bool DriverAnswers, IReadOnlyList<VgpuException> Failures, IReadOnlyList<VgpuException> Pending,
        List<string> Notes);
}

/// <summary>How ready a host is for its layout.</summary>
/// <param name="DriverAnswers">Whether the GPU driver answers.</param>
/// <param name="Problems">What has failed, or did not come in time.</param>
/// <param name="Notes">What is worth knowing and no failure.</param>
internal sealed record ReadinessReport(
    bool DriverAnswers, IReadOnlyList<VgpuException> Problems, IReadOnlyList<string> Notes);
