using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// Releases what the hook made for a VM that has stopped: its devices, then every hook-managed instance that is unused
/// or has reserved. It may come late, twice or never (facts/proxmox.md (a)).
/// </summary>
public sealed class ReleaseVm(HostPorts host)
{
    private const string Source = "hook";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    /// <summary>Releases the VM.</summary>
    /// <exception cref="VgpuException">The lock was not had, or the driver cannot be asked.</exception>
    public async Task<ReleaseVmResult> RunAsync(ReleaseVmRequest request, CancellationToken cancellationToken)
    {
        var vm = request.Vm;
        if (!MayHaveVgpu(vm))
        {
            return ReleaseVmResult.Nothing;
        }

        var settings = host.Settings.Load();
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync($"VM {vm} post-stop", wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            if (host.Proxmox.IsRunning(vm))
            {
                return ReleaseVmResult.StillRunning;
            }

            var book = ClaimBook.Open(host);
            var sweeper = new ClaimSweeper(host, book, Source);
            await sweeper.SweepAsync(vm, cancellationToken).ConfigureAwait(false);
            var result = await sweeper.ReleaseAsync(vm, !request.IsUndo, cancellationToken).ConfigureAwait(false);
            if (settings.Reclaim == ReclaimPolicy.OnStop && book.File.Instances.Count > 0)
            {
                using var driver = host.Driver.Open();
                var reclaimer = new InstanceReclaimer(host, book, settings, Source);
                await reclaimer.ReclaimAsync(driver, reclaimer.Gpus, null, s_timeout, cancellationToken)
                    .ConfigureAwait(false);
            }

            return result;
        }
    }

    /// <summary>
    /// A VM without claims and without a device of its UUID (claims are lost with /run) is none of ours. The claims
    /// file is read without the lock, as it is replaced whole.
    /// </summary>
    private bool MayHaveVgpu(VmId vm) => HasClaims(vm) || VmDevices.Find(host, vm).Count > 0;

    private bool HasClaims(VmId vm)
    {
        try
        {
            var file = host.Claims.Load();
            return file.Claims.Any(c => c.Vm == vm);
        }
        catch (UnreadableDataException e) when (e.ErrorId == ErrorIds.UnreadableData)
        {
            return true;
        }
    }
}

/// <summary>A VM has stopped.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="IsUndo">Whether its start was given up: then its capacity is not reserved, whatever says that it comes
/// back.</param>
public sealed record ReleaseVmRequest(VmId Vm, bool IsUndo = false);

/// <summary>What became of a stopped VM's vGPUs.</summary>
public enum ReleaseVmResult
{
    /// <summary>The VM had none.</summary>
    Nothing,

    /// <summary>Released.</summary>
    Released,

    /// <summary>The VM runs: the phase came late.</summary>
    StillRunning,

    /// <summary>The VM is about to come back; its capacity is reserved for a while.</summary>
    Held,

    /// <summary>A device is still in use; the next sweep tries again.</summary>
    Deferred,
}
