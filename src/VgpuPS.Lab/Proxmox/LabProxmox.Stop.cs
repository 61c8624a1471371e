namespace VgpuPS.Lab.Proxmox;

/// <content>Stop: PVE::QemuServer::vm_stop, _do_vm_stop, vm_reboot and vm_stop_cleanup.</content>
public sealed partial class LabProxmox
{
    private const int StopSeconds = 60;
    private const int TerminateSeconds = 10;

    /// <summary>Stops a VM hard (<c>qm stop</c>); a stopped one is left as it is.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LabTaskResult> StopAsync(VmId vm, CancellationToken cancellationToken = default) =>
        RunStepAsync(vm, "stop", [], () => StopLockedAsync(vm, new StopOrder { IsForced = true }, cancellationToken));

    /// <summary>Asks the guest to shut down (<c>qm shutdown</c>), without force.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="timeout">How long it may take, in whole seconds; null for 60 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LabTaskResult> ShutdownAsync(
        VmId vm, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var seconds = timeout is { } time ? (int)time.TotalSeconds : StopSeconds;
        return RunStepAsync(
            vm, "shutdown", timeout is null ? [] : [("timeout", seconds)],
            () => StopLockedAsync(vm, new StopOrder { IsShutdown = true, Seconds = seconds }, cancellationToken));
    }

    /// <summary>
    /// Shuts the VM down and leaves the request on which <c>qm cleanup</c> starts it again (<c>qm reboot</c>).
    /// </summary>
    /// <param name="vm">The VM.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LabTaskResult> RebootAsync(VmId vm, CancellationToken cancellationToken = default) =>
        RunStepAsync(vm, "reboot", [], async () =>
        {
            using var held = await LockConfigAsync(vm, cancellationToken).ConfigureAwait(false);
            if (!IsRunning(vm))
            {
                return;
            }

            _host.WriteFile(PvePaths.RebootRequest(vm), "", PvePaths.FileMode);
            try
            {
                await StopNoLockAsync(vm, new StopOrder { IsShutdown = true }, cancellationToken).ConfigureAwait(false);
            }
            catch (ProxmoxFailure)
            {
                _host.Files.Delete(PvePaths.RebootRequest(vm));
                throw;
            }
        });

    /// <summary>Ends or restarts a VM; once QEMU has gone, qmeventd runs <c>qm cleanup</c>.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="end">The task that ends it.</param>
    /// <param name="isGuest">Whether the guest itself ended.</param>
    /// <param name="cancellationToken">Ends the tasks.</param>
    /// <remarks>Source: facts/proxmox.md (a), special situations.</remarks>
    public async Task<LabTaskResult> EndAsync(
        VmId vm, Func<VmId, CancellationToken, Task<LabTaskResult>> end, bool isGuest,
        CancellationToken cancellationToken)
    {
        var wasRunning = IsRunning(vm);
        var result = await end(vm, cancellationToken).ConfigureAwait(false);
        if (!wasRunning || IsRunning(vm))
        {
            return result;
        }

        var cleanup = await CleanupAsync(vm, true, isGuest, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? cleanup : result;
    }

    private async Task StopLockedAsync(VmId vm, StopOrder order, CancellationToken cancellationToken)
    {
        using var held = await LockConfigAsync(vm, cancellationToken).ConfigureAwait(false);
        await StopNoLockAsync(vm, order, cancellationToken).ConfigureAwait(false);
    }

    private async Task StopNoLockAsync(VmId vm, StopOrder order, CancellationToken cancellationToken)
    {
        if (!IsRunning(vm))
        {
            return;
        }

        VmConfig? config = null;
        if (!order.SkipsConfig)
        {
            config = _configs.Load(vm);
            if (!order.SkipsLock)
            {
                CheckLock(config);
            }

            await _hooks.CallAsync(vm, config, "pre-stop", null, cancellationToken).ConfigureAwait(false);
        }

        await EndQemuAsync(vm, order, cancellationToken).ConfigureAwait(false);
        if (config is not null)
        {
            await CleanUpStoppedAsync(vm, config, true, !IsLegacy, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EndQemuAsync(VmId vm, StopOrder order, CancellationToken cancellationToken)
    {
        Timeline.Record("monitor", ("command", order.IsShutdown ? "system_powerdown" : "quit"));
        Machine.EndQemu(vm, order.IsShutdown ? LabQemuEnd.PowerDown : LabQemuEnd.Quit);
        if (await HasEndedAsync(vm, order.Seconds, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (!order.IsForced)
        {
            throw new ProxmoxFailure("VM quit/powerdown failed - got timeout");
        }

        _host.Warn("VM still running - terminating now with SIGTERM");
        Machine.EndQemu(vm, LabQemuEnd.Terminate);
        if (!await HasEndedAsync(vm, TerminateSeconds, cancellationToken).ConfigureAwait(false))
        {
            _host.Warn("VM still running - terminating now with SIGKILL");
            Machine.EndQemu(vm, LabQemuEnd.Kill);
            await _host.SleepAsync(1, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> HasEndedAsync(VmId vm, int seconds, CancellationToken cancellationToken)
    {
        for (var waited = 0; waited < seconds; waited++)
        {
            if (!IsRunning(vm))
            {
                return true;
            }

            await _host.SleepAsync(1, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    // Errors only warn; those of the devices keep pending changes from being applied, not post-stop from running.
    private async Task CleanUpStoppedAsync(
        VmId vm, VmConfig config, bool appliesPending, bool runsPostStop, CancellationToken cancellationToken)
    {
        try
        {
            _host.Files.Delete(PvePaths.PidFile(vm));
            await _cleanup.RunAsync(vm, config, cancellationToken).ConfigureAwait(false);
            if (appliesPending)
            {
                _configs.ApplyPending(vm, config);
            }
        }
        catch (ProxmoxFailure failure)
        {
            _host.Warn(failure.Message);
        }

        if (runsPostStop)
        {
            await _hooks.CallAsync(vm, config, "post-stop", null, cancellationToken).ConfigureAwait(false);
        }

        _host.Files.Delete(PvePaths.CleanupFlag(vm));
    }

    private sealed record StopOrder
    {
        public bool IsShutdown { get; init; }

        public bool IsForced { get; init; }

        public int Seconds { get; init; } = StopSeconds;

        public bool SkipsLock { get; init; }

        // `nocheck`: no configuration is read, so no pre-stop and no clean-up.
        public bool SkipsConfig { get; init; }
    }
}
