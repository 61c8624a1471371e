namespace VgpuPS.Lab.Proxmox;

/// <content>Migration, backup of a stopped VM, suspend to disk, showcmd.</content>
public sealed partial class LabProxmox
{
    /// <summary>Hibernates a VM (<c>qm suspend --todisk</c>), which is refused with any hostpci line.</summary>
    /// <param name="vm">The VM.</param>
    /// <exception cref="NotSupportedException">Hibernation without hostpci lines is not simulated.</exception>
    /// <remarks>Source: facts/proxmox.md (a) Special situations; a recording.</remarks>
    public Task<LabTaskResult> SuspendToDiskAsync(VmId vm) => RunStepAsync(vm, "suspend-to-disk", [], () =>
        _configs.Load(vm).HostPci.Count > 0
            ? throw new ProxmoxFailure(
                "cannot suspend VM to disk due to passed-through PCI device(s), which lack the possibility to "
                + "save/restore their internal state")
            : throw new NotSupportedException("The hibernation of a VM without PCI devices is not simulated."));

    /// <summary>Shows QEMU's device arguments (<c>qm showcmd</c>); version 8 sets and resets types meanwhile.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>Source: facts/proxmox.md (g); a recording. Assumed: a running VM's types are not reset.</remarks>
    public async Task<LabTaskResult> ShowCommandAsync(VmId vm, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> output = [];
        var result = await RunStepAsync(vm, "showcmd", [], async () =>
        {
            var config = _configs.Load(vm);
            var touches = _host.Options.Generation.ShowcmdTouchesDevices;
            var devices = await _choice.ChooseAsync(vm, config, !touches, cancellationToken).ConfigureAwait(false);
            output = DeviceArguments.For(vm, devices);
            if (touches && !IsRunning(vm))
            {
                await CleanUpDevicesAsync(vm, config, cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        return result with { Output = output };
    }

    /// <summary>Ends the VM on the target of a live migration that failed (<c>qm stop --migratedfrom</c>).</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="node">The source, where the configuration still is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>Source: facts/proxmox.md (a) failed live migration; a recording. No flock, no pre-stop.</remarks>
    public Task<LabTaskResult> StopMigratedFromAsync(
        VmId vm, string node, CancellationToken cancellationToken = default) =>
        RunStepAsync(vm, "stop-migratedfrom", [("node", node)], async () =>
        {
            var config = _configs.Load(vm, node);
            Machine.EndQemu(vm, LabQemuEnd.Terminate);
            await CleanUpStoppedAsync(vm, config, false, !IsLegacy, cancellationToken).ConfigureAwait(false);
        });

    /// <summary>
    /// The end of a live migration on its source: configuration moved, QEMU stopped, devices cleaned, no hook.
    /// </summary>
    /// <param name="vm">The VM.</param>
    /// <param name="target">The node that has the VM now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>Source: facts/proxmox.md (a) live migration, source; a recording.</remarks>
    public Task<LabTaskResult> MigrationSourceEndAsync(
        VmId vm, string target, CancellationToken cancellationToken = default) =>
        RunStepAsync(vm, "migration-source-end", [("target", target)], async () =>
        {
            var config = _configs.Load(vm);
            _configs.Move(vm, target);
            await StopLockedAsync(
                vm, new StopOrder { SkipsConfig = true, SkipsLock = true, IsForced = true }, cancellationToken)
                .ConfigureAwait(false);
            await CleanUpStoppedAsync(vm, config, false, false, cancellationToken).ConfigureAwait(false);
        });

    /// <summary>Refuses a VM that is not there or is locked, as a migration does first.</summary>
    /// <exception cref="ProxmoxFailure">It is.</exception>
    internal void CheckMigration(VmId vm) => CheckLock(_configs.Load(vm));

    /// <summary>Sets or clears (null) <c>lock:</c> of a VM.</summary>
    internal async Task SetLockAsync(VmId vm, string? value, CancellationToken cancellationToken)
    {
        using var held = await LockConfigAsync(vm, cancellationToken).ConfigureAwait(false);
        _configs.SetLock(vm, _configs.Load(vm), value);
    }

    /// <summary>The end of a stopped VM's migration: its configuration is moved.</summary>
    internal void MoveConfig(VmId vm, string target) => _configs.Move(vm, target);

    /// <summary>Backs up a stopped VM: vzdump starts it paused, with its devices, and stops it again.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>
    /// Source: facts/proxmox.md (a) backup of a stopped VM. Assumed: the order around <c>lock: backup</c>.
    /// </remarks>
    public Task<LabTaskResult> BackupStoppedAsync(VmId vm, CancellationToken cancellationToken = default) =>
        RunStepAsync(vm, "backup-stopped", [], async () =>
        {
            await SetBackupLockAsync(vm, true, cancellationToken).ConfigureAwait(false);
            try
            {
                await StartLockedAsync(vm, null, true, true, cancellationToken).ConfigureAwait(false);
                await StopLockedAsync(vm, new StopOrder { SkipsLock = true, IsForced = true }, cancellationToken)
                    .ConfigureAwait(false);
            }
            finally
            {
                await SetBackupLockAsync(vm, false, cancellationToken).ConfigureAwait(false);
            }
        });

    private async Task SetBackupLockAsync(VmId vm, bool isLocked, CancellationToken cancellationToken)
    {
        using var held = await LockConfigAsync(vm, cancellationToken).ConfigureAwait(false);
        var config = _configs.Load(vm);
        if (isLocked)
        {
            CheckLock(config);
        }

        _configs.SetLock(vm, config, isLocked ? "backup" : null);
    }
}
