using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.Claims;

internal sealed partial class ClaimSweeper
{
    /// <summary>Removes the devices of all claims; false when one is still held.</summary>
    private async Task<bool> TryReleaseDevicesAsync(
        IReadOnlyList<VgpuClaim> claims, TimeSpan patience, CancellationToken cancellationToken)
    {
        var isClean = true;
        var started = host.Clock.GetTimestamp();
        foreach (var claim in claims)
        {
            var left = patience - host.Clock.GetElapsedTime(started);
            try
            {
                await ReleaseDeviceAsync(claim, left > s_leastPatience ? left : s_leastPatience, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (VgpuException e)
            {
                isClean = false;
                host.Warn($"VM {claim.Vm} hostpci{claim.Entry}: {e.Message}; tried again at the next sweep");
            }
        }

        return isClean;
    }

    private async Task ReleaseDeviceAsync(VgpuClaim claim, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var uuid = claim.Mdev ?? MdevUuid.ForGuest(claim.Vm, claim.Entry);
        if (host.Devices.FindMediatedDevice(uuid) is { } device)
        {
            await host.Devices.RemoveMediatedDeviceAsync(uuid, deadline, cancellationToken).ConfigureAwait(false);
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
                ClearType(claim, address, type);
            }

            if (isReserved)
            {
                await host.Guests.UnreserveAsync(address, claim.Vm, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void ClearType(VgpuClaim claim, PciAddress address, VgpuTypeId type)
    {
        host.Devices.SetType(address, null);
        if (host.Devices.FindFunction(address) is { CurrentType: { } still })
        {
            throw new NativeCallException(
                ErrorIds.ReadBackMismatch, $"function {address} still has vGPU type {still} after 0 was written",
                "See why: journalctl -k -g NVRM", "write", 0, address.ToString());
        }

        Log(claim, "clearVgpuType", address.ToString(), type.ToString());
    }

    private void Log(VgpuClaim claim, string action, string target, string before) =>
        host.Events.Write(new HostEvent(source, claim.Vm.Value, action, target, before, ""));
}
