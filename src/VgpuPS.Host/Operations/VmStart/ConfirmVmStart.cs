using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// Marks the claims of a VM that has started as live, and releases what was prepared for it where Proxmox took another
/// function.
/// </summary>
public sealed class ConfirmVmStart(HostPorts host)
{
    private const string Source = "hook";

    /// <summary>Marks them; true when there were any.</summary>
    /// <exception cref="VgpuException">The lock was not had, or the claims cannot be written.</exception>
    public async Task<bool> RunAsync(ConfirmVmStartRequest request, CancellationToken cancellationToken)
    {
        var vm = request.Vm;
        if (!host.Claims.Load().Claims.Any(c => c.Vm == vm && c.State != ClaimState.Live))
        {
            return false;
        }

        var settings = host.Settings.Load();
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync($"VM {vm} post-start", wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var book = ClaimBook.Open(host);
            var isClaimed = book.File.Claims.Any(c => c.Vm == vm);
            if (isClaimed)
            {
                var sweeper = new ClaimSweeper(host, book, Source);
                await sweeper.RenewAsync(cancellationToken).ConfigureAwait(false);
                var released = await sweeper.FollowAsync(vm, cancellationToken).ConfigureAwait(false);
                sweeper.ConfirmParameters(vm);
                book.MarkLive(vm);
                if (released.Count > 0 && settings.Reclaim == ReclaimPolicy.OnStop && book.File.Instances.Count > 0)
                {
                    await ReclaimAsync(book, settings, cancellationToken).ConfigureAwait(false);
                }
            }

            return isClaimed;
        }
    }

    /// <summary>The instance that was prepared for a function that Proxmox did not take is idle now.</summary>
    private async Task ReclaimAsync(ClaimBook book, HookSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            using var driver = host.Driver.Open();
            var reclaimer = new InstanceReclaimer(host, book, settings, Source);
            await reclaimer.ReclaimAsync(driver, reclaimer.Gpus, null, TimeSpan.Zero, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (VgpuException e)
        {
            host.Warn($"an idle instance was not released: {e.Message}; the next sweep tries again");
        }
    }
}

/// <summary>A VM has started.</summary>
/// <param name="Vm">The VM.</param>
public sealed record ConfirmVmStartRequest(VmId Vm);
