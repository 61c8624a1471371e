using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.Claims;

/// <summary>Releases claims of VMs that neither run nor start, with the devices that they left.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a): a start that fails after pre-start, and the source of a migration, call no hook at all.
/// Whether a configuration file exists is no evidence either way (the target of a migration has none yet).
/// </remarks>
internal sealed class ClaimSweeper(HostPorts host, ClaimBook book, string source)
{
    private static readonly TimeSpan s_removeDeadline = TimeSpan.FromSeconds(10);

    /// <summary>Sweeps all VMs but <paramref name="except"/>; claims of a VM that has started become live.</summary>
    /// <returns>VMs whose claims were released.</returns>
    public async Task<IReadOnlyList<VmId>> SweepAsync(VmId? except, CancellationToken cancellationToken)
    {
        var released = new List<VmId>();
        foreach (var vm in book.File.Claims.Select(c => c.Vm).Distinct().Where(v => v != except).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsStale(host, book.File, vm) && await TryReleaseAsync(vm, cancellationToken).ConfigureAwait(false))
            {
                released.Add(vm);
            }
            else if (HasStarted(vm))
            {
                book.MarkLive(vm);
            }
        }

        return released;
    }

    /// <summary>Whether a VM runs whose post-start did not get to say so: it was killed, or the VM came by migration.</summary>
    private bool HasStarted(VmId vm) =>
        book.File.Claims.Any(c => c.Vm == vm && c.State != ClaimState.Live)
        && host.Guests.IsRunning(vm) && !host.Guests.IsLocked(vm);

    /// <summary>Whether nothing speaks for a VM's claims any more.</summary>
    public static bool IsStale(HostPorts host, ClaimFile file, VmId vm)
    {
        var now = Milliseconds(host.Clock);
        var isHeld = file.Claims.Any(c => c.Vm == vm && c.State == ClaimState.Held && c.HeldUntil > now);
        return !isHeld && !host.Guests.IsRunning(vm) && !host.Guests.IsLocked(vm);
    }

    /// <summary>Monotonic milliseconds since boot: a wall clock that jumps changes nothing.</summary>
    public static long Milliseconds(TimeProvider clock) =>
        (long)(clock.GetTimestamp() * 1000.0 / clock.TimestampFrequency);

    /// <summary>Removes a VM's devices and reservations and drops its claims; false when a device is still held.</summary>
    public async Task<bool> TryReleaseAsync(VmId vm, CancellationToken cancellationToken)
    {
        var isClean = true;
        foreach (var claim in book.File.Claims.Where(c => c.Vm == vm).ToList())
        {
            try
            {
                await ReleaseDeviceAsync(claim, cancellationToken).ConfigureAwait(false);
            }
            catch (VgpuException e)
            {
                isClean = false;
                host.Warn($"VM {vm} hostpci{claim.Entry}: {e.Message}; tried again at the next sweep");
            }
        }

        if (isClean)
        {
            book.Drop(vm);
        }

        return isClean;
    }

    private async Task ReleaseDeviceAsync(VgpuClaim claim, CancellationToken cancellationToken)
    {
        var uuid = claim.Mdev ?? MdevUuid.ForGuest(claim.Vm, claim.Entry);
        if (host.Devices.FindMediatedDevice(uuid) is { } device)
        {
            await host.Devices.RemoveMediatedDeviceAsync(uuid, s_removeDeadline, cancellationToken)
                .ConfigureAwait(false);
            Log(claim, "removeMediatedDevice", $"{device.Parent} {uuid}", device.Type?.MdevName ?? "");
        }

        var reservations = host.Guests.GetReservations();
        foreach (var address in claim.Candidates)
        {
            var isReserved = reservations.Any(r => r.Function == address && r.Vm == claim.Vm);
            var isElses = reservations.Any(r => r.Function == address && r.Vm != claim.Vm && r.IsHeld);
            var isOurs = isReserved || (claim.Function == address && !isElses);
            if (isOurs && host.Devices.FindFunction(address) is { CurrentType: { } type } && type == claim.Type)
            {
                host.Devices.SetType(address, null);
                if (host.Devices.FindFunction(address) is { CurrentType: { } still })
                {
                    throw new NativeCallException(
                        ErrorIds.ReadBackMismatch,
                        $"function {address} still has vGPU type {still} after 0 was written",
                        "See why: journalctl -k -g NVRM", "write", 0, address.ToString());
                }

                Log(claim, "clearVgpuType", address.ToString(), type.ToString());
            }

            if (isReserved)
            {
                await host.Guests.UnreserveAsync(address, claim.Vm, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Log(VgpuClaim claim, string action, string target, string before) =>
        host.Events.Write(new HostEvent(source, claim.Vm.Value, action, target, before, ""));
}
