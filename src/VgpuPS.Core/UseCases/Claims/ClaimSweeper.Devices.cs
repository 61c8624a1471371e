using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.Claims;

internal sealed partial class ClaimSweeper
{
    /// <summary>Removes a VM's mediated devices, and the types and reservations of its claims; false when one is still held.</summary>
    private async Task<bool> TryReleaseDevicesAsync(
        VmId vm, IReadOnlyList<MediatedDevice> devices, IReadOnlyList<VgpuClaim> claims, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        var isClean = true;
        var started = host.Clock.GetTimestamp();
        foreach (var device in devices)
        {
            var left = patience - host.Clock.GetElapsedTime(started);
            var deadline = left > s_leastPatience ? left : s_leastPatience;
            isClean &= await TryAsync($"VM {vm}", () => RemoveAsync(vm, device, deadline, cancellationToken))
                .ConfigureAwait(false);
        }

        foreach (var claim in claims)
        {
            isClean &= await TryAsync($"VM {vm} hostpci{claim.Entry}", () => ReleaseTypesAsync(claim, cancellationToken))
                .ConfigureAwait(false);
        }

        return isClean;
    }

    private async Task<bool> TryAsync(string what, Func<Task> release)
    {
        try
        {
            await release().ConfigureAwait(false);
            return true;
        }
        catch (VgpuException e)
        {
            host.Warn($"{what}: {e.Message}; tried again at the next sweep");
            return false;
        }
    }

    private async Task RemoveAsync(VmId vm, MediatedDevice device, TimeSpan deadline, CancellationToken cancellationToken)
    {
        await host.Devices.RemoveMediatedDeviceAsync(device.Uuid, deadline, cancellationToken).ConfigureAwait(false);
        Log(vm, "removeMediatedDevice", $"{device.Parent} {device.Uuid}", device.Type?.MdevName ?? "");
    }

    private async Task ReleaseTypesAsync(VgpuClaim claim, CancellationToken cancellationToken)
    {
        var reservations = host.Guests.GetReservations();
        foreach (var address in claim.Candidates)
        {
            var isReserved = reservations.Any(r => r.Function == address && r.Vm == claim.Vm);
            var isElses = reservations.Any(r => r.Function == address && r.Vm != claim.Vm && r.IsHeld);
            var isOurs = isReserved || (claim.Function == address && !isElses);
            if (isOurs && host.Devices.FindFunction(address) is { CurrentType: { } type } && type == claim.Type)
            {
                host.Devices.SetType(address, null);
                Log(claim.Vm, "clearVgpuType", address.ToString(), type.ToString());
            }

            if (isReserved)
            {
                await host.Guests.UnreserveAsync(address, claim.Vm, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Log(VmId vm, string action, string target, string before) =>
        host.Events.Write(new HostEvent(source, vm.Value, action, target, before, ""));
}
