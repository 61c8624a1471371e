namespace VgpuPS.Lab.Proxmox;

/// <content><c>qm cleanup</c>, which qmeventd runs when a QEMU has gone, and QEMU going by itself.</content>
public sealed partial class LabProxmox
{
    private const int VanishSeconds = 30;
    private const int VanishNoteSeconds = 11;

    private static readonly TimeSpan s_cleanupLockWait = TimeSpan.FromSeconds(60);

    /// <summary>Runs <c>qm cleanup VMID clean guest</c>.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="clean">Whether QEMU ended in order.</param>
    /// <param name="guest">Whether the guest requested it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LabTaskResult> CleanupAsync(
        VmId vm, bool clean, bool guest, CancellationToken cancellationToken = default) =>
        RunStepAsync(vm, "qmeventd", [("clean", clean ? 1 : 0), ("guest", guest ? 1 : 0)], async () =>
        {
            // Migrated away or destroyed: nothing at all, not even a word.
            if (!_configs.Exists(vm))
            {
                return;
            }

            _host.Warn($"Starting cleanup for {vm}");
            bool restarts;
            using (await LockConfigAsync(vm, s_cleanupLockWait, cancellationToken).ConfigureAwait(false))
            {
                restarts = await CleanUpGoneAsync(vm, clean, guest, cancellationToken).ConfigureAwait(false);
            }

            _host.Warn($"Finished cleanup for {vm}");
            if (restarts)
            {
                _host.Warn($"Restarting VM {vm}");
                Timeline.Record("task", ("type", "qmstart"));
                await StartLockedAsync(vm, null, false, false, cancellationToken).ConfigureAwait(false);
            }
        });

    /// <summary>The guest powers itself off; Proxmox learns of it only by <see cref="CleanupAsync"/>.</summary>
    /// <param name="vm">The VM.</param>
    public Task<LabTaskResult> PowerOffVmAsync(VmId vm) => EndByItselfAsync(
        vm, "guest-powers-off", LabQemuEnd.GuestPowersOff);

    /// <summary>QEMU is killed, or crashes; Proxmox learns of it only by <see cref="CleanupAsync"/>.</summary>
    /// <param name="vm">The VM.</param>
    public Task<LabTaskResult> KillQemuAsync(VmId vm) => EndByItselfAsync(vm, "qemu-killed", LabQemuEnd.Kill);

    private Task<LabTaskResult> EndByItselfAsync(VmId vm, string name, LabQemuEnd how) =>
        RunStepAsync(vm, name, [], () =>
        {
            Machine.EndQemu(vm, how);
            return Task.CompletedTask;
        });

    private async Task<bool> CleanUpGoneAsync(
        VmId vm, bool clean, bool guest, CancellationToken cancellationToken)
    {
        var config = _configs.Load(vm);
        await RequireGoneAsync(vm, cancellationToken).ConfigureAwait(false);

        // A rollback cleans up by itself and drops its flock in between.
        if (config.Lock == "rollback")
        {
            CheckLock(config);
        }

        if (!IsLegacy)
        {
            if (_host.Exists(PvePaths.CleanupFlag(vm)))
            {
                await CleanUpStoppedAsync(vm, config, true, true, cancellationToken).ConfigureAwait(false);
            }
        }
        else
        {
            // After a stop by Proxmox its own clean-up is done already.
            if (!clean || guest)
            {
                await CleanUpStoppedAsync(vm, config, true, false, cancellationToken).ConfigureAwait(false);
            }

            await _hooks.CallAsync(vm, config, "post-stop", null, cancellationToken).ConfigureAwait(false);
        }

        return _host.Files.Delete(PvePaths.RebootRequest(vm));
    }

    // Newer versions give QEMU time to exit: a VM that was started again meanwhile loses its post-stop.
    private async Task RequireGoneAsync(VmId vm, CancellationToken cancellationToken)
    {
        if (!_host.Options.Generation.RunsPostStopInStop)
        {
            if (IsRunning(vm))
            {
                throw new ProxmoxFailure("vm still running");
            }

            return;
        }

        for (var waited = 0; IsRunning(vm); waited++)
        {
            if (waited == VanishNoteSeconds)
            {
                var pid = Machine.GetQemuPid(vm);
                _host.Warn($"VM cleanup: QEMU process {pid} for VM {vm} still running (or newly started)");
            }

            if (waited == VanishSeconds)
            {
                throw new ProxmoxFailure($"aborting cleanup, VM is still running after {VanishSeconds} seconds");
            }

            await _host.SleepAsync(1, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Proxmox's clean-up of a VM's PCI devices.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a), (d), PVE::QemuServer::cleanup_pci_devices; recordings. Proxmox takes the lines in hash
/// order; here their numbers decide.
/// </remarks>
internal sealed class DeviceCleanup(
    ReservationFile reservations, VendorVfioWork vendorVfio, MdevWork mdevs, DeviceChoice choice)
{
    /// <summary>Types to zero, mediated devices away, reservations released.</summary>
    /// <exception cref="ProxmoxFailure">A line no longer parses: what comes after it is left alone.</exception>
    public async Task RunAsync(VmId vm, VmConfig config, CancellationToken cancellationToken)
    {
        if (config.IsTemplate)
        {
            return;
        }

        foreach (var reservation in reservations.Of(vm))
        {
            await vendorVfio.ResetAsync(reservation.Id, cancellationToken).ConfigureAwait(false);
        }

        foreach (var entry in config.HostPci)
        {
            var device = choice.Parse(entry);
            if (device.IsClassicMdev)
            {
                await mdevs.RemoveAsync(vm, entry.Index, choice.IsNvidia(device), cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        await reservations.RemoveAsync(null, vm, cancellationToken).ConfigureAwait(false);
    }
}
