using VgpuPS.Core.Claims;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>Releases claims of VMs that neither run nor start, with the devices that they left.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a): a start that fails after pre-start, and the source of a migration, call no hook at
/// all. Whether a configuration file exists is no evidence either way (the target of a migration has none yet).
/// </remarks>
internal sealed partial class ClaimSweeper(HostPorts host, ClaimBook book, string source)
{
    /// <summary>How long the capacity of a VM that is about to come back is kept.</summary>
    public static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_minTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Sweeps all VMs but <paramref name="except"/>; claims of a VM that has started become live, and the capacity of
    /// one that
    /// is about to come back is kept, as its post-stop would.
    /// </summary>
    /// <returns>VMs whose claims were released.</returns>
    public async Task<IReadOnlyList<VmId>> SweepAsync(VmId? except, CancellationToken cancellationToken)
    {
        var released = new List<VmId>();
        var started = host.Clock.GetTimestamp();
        await RenewAsync(cancellationToken).ConfigureAwait(false);
        foreach (var vm in book.File.Claims.Select(c => c.Vm).Distinct().Where(v => v != except).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsStale(host, book.File, vm))
            {
                if (FindOpenDevice(vm) is { } open)
                {
                    host.Warn(
                        $"VM {vm}: the removal of mediated device {open} has not ended, and the driver still has its "
                            + "vGPU: a process holds it (fuser -v /dev/vfio/*); the next sweep tries again");
                    continue;
                }

                var remaining = s_timeout - host.Clock.GetElapsedTime(started);
                var mayHold = book.File.Claims.Any(c => c.Vm == vm && c.State != ClaimState.Held);
                if (await ReleaseAsync(vm, mayHold, remaining, cancellationToken).ConfigureAwait(false)
                    == ReleaseVmResult.Released)
                {
                    released.Add(vm);
                }
            }
            else if (book.File.Claims.Any(c => c.Vm == vm && c.State != ClaimState.Live))
            {
                // Asked first: a VM that starts meanwhile is followed by its post-start, or the next run.
                var hasStarted = HasStarted(vm);
                await FollowAsync(vm, cancellationToken).ConfigureAwait(false);
                if (hasStarted)
                {
                    ConfirmParameters(vm);
                    book.MarkLive(vm);
                }
            }
        }

        return released;
    }

    /// <summary>Whether a VM runs whose post-start did not get to say so: it was killed, or the VM came by
    /// migration.</summary>
    private bool HasStarted(VmId vm) =>
        host.Proxmox.IsRunning(vm) && !host.Proxmox.IsLocked(vm);

    /// <summary>Whether nothing speaks for a VM's claims any more.</summary>
    public static bool IsStale(HostPorts host, ClaimFile file, VmId vm)
    {
        // A time further off than any that is ever set is of an earlier boot, whose clock counted from another start.
        var now = Milliseconds(host.Clock);
        var latest = now + (long)HoldTime.TotalMilliseconds;
        var isHeld = file.Claims.Any(
            c => c.Vm == vm && c.State == ClaimState.Held && c.HeldUntil > now && c.HeldUntil <= latest);
        return !isHeld && !host.Proxmox.IsRunning(vm) && !host.Proxmox.IsLocked(vm);
    }

    /// <summary>Monotonic milliseconds since boot: a wall clock that jumps changes nothing.</summary>
    public static long Milliseconds(TimeProvider clock) =>
        (long)(clock.GetTimestamp() * 1000.0 / clock.TimestampFrequency);

    /// <summary>
    /// Removes a VM's devices and reservations; its claims go too, unless a device is still held or its capacity is
    /// reserved.
    /// </summary>
    /// <param name="vm">The VM.</param>
    /// <param name="mayHold">Whether its capacity is reserved when it is about to come back.</param>
    /// <param name="cancellationToken">Ends the wait for a device.</param>
    public Task<ReleaseVmResult> ReleaseAsync(VmId vm, bool mayHold, CancellationToken cancellationToken) =>
        ReleaseAsync(vm, mayHold, s_timeout, cancellationToken);

    private async Task<ReleaseVmResult> ReleaseAsync(
        VmId vm, bool mayHold, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var claims = book.File.Claims.Where(c => c.Vm == vm).ToList();
        var devices = VmDevices.Find(host, vm);
        var isBack = mayHold && IsComingBack(vm);
        if (!await TryReleaseDevicesAsync(vm, devices, claims, timeout, cancellationToken).ConfigureAwait(false))
        {
            return ReleaseVmResult.Deferred;
        }

        if (!isBack)
        {
            book.Drop(vm);
            return claims.Count == 0 && devices.Count == 0 ? ReleaseVmResult.Nothing : ReleaseVmResult.Released;
        }

        var until = Milliseconds(host.Clock) + (long)HoldTime.TotalMilliseconds;
        book.Put(vm, claims.Select(c => c with
        {
            State = ClaimState.Held,
            HeldUntil = until,
            Function = null,
            Mdev = null,
            Reserved = false,
            Parameters = null,
            ParametersAreLate = false,
        }));
        return ReleaseVmResult.Held;
    }

    /// <remarks>
    /// Source: facts/proxmox.md (a): <c>qm reboot</c> leaves a flag file; a stop-mode backup and a rollback with memory
    /// start the VM again while its configuration says <c>lock: backup</c> or <c>lock: rollback</c>.
    /// </remarks>
    private bool IsComingBack(VmId vm)
    {
        if (host.Proxmox.IsRebooting(vm))
        {
            return true;
        }

        try
        {
            var config = VmConfigReader.Read(host.Proxmox.ReadConfig(vm, null), PveGeneration.Pve9);
            return config.Lock is "backup" or "rollback";
        }
        catch (VgpuException)
        {
            // Moved, destroyed, or the cluster file system is down: nothing says that it comes back.
            return false;
        }
    }
}

/// <summary>Mediated devices that are a VM's by their UUID.</summary>
internal static class VmDevices
{
    /// <summary>Those of NVIDIA's types with a UUID that Proxmox gives to this VM, whatever the claims say.</summary>
    public static IReadOnlyList<MediatedDevice> Find(HostPorts host, VmId vm) =>
        [.. host.Devices.GetMediatedDevices().Where(d => d.Type is not null && d.Uuid.Guest?.Vm == vm)];
}
