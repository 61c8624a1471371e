using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Proxmox;

/// <summary>Proxmox's clean-up of a VM's PCI devices.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a), (d), PVE::QemuServer::cleanup_pci_devices; recordings. Proxmox takes the lines in hash
/// order; here their numbers decide.
/// </remarks>
internal sealed class DeviceCleanup(
    ReservationFile reservations, VendorVfioWork vendorVfio, MdevWork mdevs, DeviceChoice choice)
{
    /// <summary>Types to zero, mediated devices away, reservations given back.</summary>
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
