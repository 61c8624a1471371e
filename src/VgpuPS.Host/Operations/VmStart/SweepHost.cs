using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// Releases what VMs left that neither run nor start, and finishes or undoes the work of a killed run. A timer calls
/// it: failed starts and migration sources call no hook.
/// </summary>
public sealed class SweepHost(HostPorts host)
{
    private const string Source = "sweep";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    /// <summary>Sweeps the host.</summary>
    /// <exception cref="VgpuException">The lock was not had, or the driver cannot be asked.</exception>
    public async Task<SweepHostResult> RunAsync(CancellationToken cancellationToken)
    {
        var settings = host.Settings.Load();
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync("sweep", wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            host.RemoveOrphanedFiles();
            await host.Uploads.RemoveForgottenAsync(cancellationToken).ConfigureAwait(false);
            var book = ClaimBook.Open(host);
            var before = book.File.Instances.Count;
            var released = await new ClaimSweeper(host, book, Source).SweepAsync(null, cancellationToken)
                .ConfigureAwait(false);
            if (before > 0)
            {
                await ReclaimAsync(book, settings, cancellationToken).ConfigureAwait(false);
            }

            var after = book.File.Instances.Count;
            return new SweepHostResult([.. released.Select(v => v.Value)], before - after, after);
        }
    }

    private async Task ReclaimAsync(ClaimBook book, HookSettings settings, CancellationToken cancellationToken)
    {
        using var driver = host.Driver.Open();
        var reclaimer = new InstanceReclaimer(host, book, settings, Source);
        if (settings.Reclaim == ReclaimPolicy.OnStop)
        {
            await reclaimer.ReclaimAsync(driver, reclaimer.Gpus, null, s_timeout, cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        reclaimer.ConvergeAll(driver, reclaimer.Gpus);
    }
}

/// <summary>What a sweep did.</summary>
/// <param name="ReleasedVms">VMs whose claims were released.</param>
/// <param name="RemovedInstances">Hook-managed instances that were destroyed, or turned out to be gone.</param>
/// <param name="RemainingInstances">Hook-managed instances that remain.</param>
public sealed record SweepHostResult(
    IReadOnlyList<int> ReleasedVms, int RemovedInstances, int RemainingInstances);
