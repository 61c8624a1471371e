using VgpuPS.Core.Claims;
using VgpuPS.Core.Events;

namespace VgpuPS.Host.Operations.VmStart;

internal sealed partial class ClaimSweeper
{
    /// <summary>Removes a VM's mediated devices, and the types and reservations of its claims; false when one is still
    /// held.</summary>
    private async Task<bool> TryReleaseDevicesAsync(
        VmId vm, IReadOnlyList<MediatedDevice> devices, IReadOnlyList<VgpuClaim> claims, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var isClean = true;
        var started = host.Clock.GetTimestamp();
        foreach (var device in devices)
        {
            var remaining = timeout - host.Clock.GetElapsedTime(started);
            var deadline = remaining > s_minTimeout ? remaining : s_minTimeout;
            isClean &= await TryAsync($"VM {vm}", () => RemoveAsync(vm, device, deadline, cancellationToken))
                .ConfigureAwait(false);
        }

        foreach (var claim in claims)
        {
            isClean &= await TryAsync(
                $"VM {vm} hostpci{claim.Entry}", () => ReleaseTypesAsync(claim, cancellationToken))
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
            host.Warn($"{what}: {e.Message}; the next sweep tries again");
            return false;
        }
    }

    private async Task RemoveAsync(
        VmId vm, MediatedDevice device, TimeSpan deadline, CancellationToken cancellationToken)
    {
        await host.Devices.RemoveMediatedDeviceAsync(device.Uuid, deadline, cancellationToken).ConfigureAwait(false);
        Log(vm, "removeMediatedDevice", $"{device.Parent} {device.Uuid}", device.Type?.MdevName ?? "");
    }

    /// <summary>
    /// A mediated device of a VM's claims whose removal goes on: the kernel shows it no more, and the driver has its
    /// vGPU. Null for none, and where the driver does not answer.
    /// </summary>
    /// <remarks>Source: facts/linux-and-build.md B.3: an absent entry in sysfs is not proof of freedom. That the driver
    /// lists such a vGPU is assumed.</remarks>
    private MdevUuid? FindOpenDevice(VmId vm)
    {
        var gone = book.File.Claims.Where(c => c.Vm == vm && !c.Reserved).Select(c => MdevUuid.ForVm(vm, c.Entry))
            .Where(m => host.Devices.FindMediatedDevice(m) is null).ToHashSet();
        if (gone.Count == 0)
        {
            return null;
        }

        try
        {
            using var driver = host.Driver.Open();
            return host.Devices.GetGpus().Where(g => g.Driver == "nvidia")
                .SelectMany(g => driver.GetActiveVgpus(g.Address)).Select(a => a.MdevUuid)
                .FirstOrDefault(m => m is { } uuid && gone.Contains(uuid));
        }
        catch (VgpuException)
        {
            return null;
        }
    }

    /// <summary>The function that the claim names, and every candidate that is reserved for the VM.</summary>
    private async Task ReleaseTypesAsync(VgpuClaim claim, CancellationToken cancellationToken)
    {
        var reserved = host.Proxmox.GetReservations().Where(r => r.Vm == claim.Vm).Select(r => r.Function).ToHashSet();
        var addresses = claim.Candidates.Where(a => a == claim.Function || reserved.Contains(a))
            .Concat(claim.Function is { } own && !claim.Candidates.Contains(own) ? [own] : []);
        foreach (var address in addresses)
        {
            await ReleaseTypeAsync(claim.Vm, address, claim.Type, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReleaseTypeAsync(
        VmId vm, PciAddress function, VgpuTypeId type, CancellationToken cancellationToken)
    {
        // The claim of another VM is written before its line.
        if (!book.File.Claims.Any(c => c.Vm != vm && c.Function == function)
            && await FunctionRelease.RunAsync(
                host, function, vm, type, cancellationToken).ConfigureAwait(false) is { } cleared)
        {
            Log(vm, "clearVgpuType", function.ToString(), cleared.ToString());
        }
    }

    private void Log(VmId vm, string action, string target, string before) =>
        host.Events.Write(new HostEvent(source, vm.Value, action, target, before, ""));
}
