namespace VgpuPS.Lab.Proxmox;

/// <summary>Classic mediated devices: created at start, removed at the clean-up.</summary>
/// <remarks>
/// Source: facts/proxmox.md (d) Classic mdev, pci_create_mdev_device and cleanup_pci_devices; recordings.
/// </remarks>
internal sealed class MdevWork(PveHost host)
{
    private const int DriverSeconds = 10;

    /// <summary>Creates the device, or uses the one that is there.</summary>
    public void Create(PciAddress function, MdevUuid uuid, string type)
    {
        var device = PvePaths.Device(function.ToString());
        var types = device + "/mdev_supported_types";
        if (!host.IsDirectory(types))
        {
            // The blank at the end is Proxmox's.
            throw new ProxmoxFailure($"pci device '{function}' does not support mediated devices ");
        }

        if (!host.IsDirectory($"{types}/{type}"))
        {
            throw new ProxmoxFailure($"pci device '{function}' has no type '{type}'");
        }

        // Only below the chosen device: one with this uuid elsewhere is not seen, and the kernel refuses.
        if (host.IsDirectory($"{device}/{uuid}"))
        {
            if (host.Files.ReadLink($"{device}/{uuid}/mdev_type")?.Split('/')[^1] != type)
            {
                // Version 8 is recorded with the slip of the pen; with which release it went is assumed.
                var verb = host.Options.Generation.QemuServer.Major < 9 ? "exits" : "exists";
                throw new ProxmoxFailure($"mdev instance '{uuid}' already {verb}, but type is not '{type}'");
            }

            host.Warn($"mdev instance '{uuid}' already existed, using it.");
            return;
        }

        if (!int.TryParse(
            host.ReadFirstLine($"{types}/{type}/available_instances"), NumberStyles.None,
            CultureInfo.InvariantCulture, out var available) || available < 1)
        {
            throw new ProxmoxFailure($"pci device '{function}' has no available instances of '{type}'");
        }

        if (!host.WriteAttribute($"{types}/{type}/create", uuid.ToString()))
        {
            throw new ProxmoxFailure($"could not create '{type}' for pci devices '{function}'");
        }
    }

    /// <summary>Removes the VM's device wherever it is and whatever its type.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="index">The N of its hostpciN.</param>
    /// <param name="isNvidia">Whether the first function is NVIDIA's: their driver is given 10 s to do it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RemoveAsync(VmId vm, int index, bool isNvidia, CancellationToken cancellationToken)
    {
        var uuid = MdevUuid.ForVm(vm, index);
        var device = $"{PvePaths.MdevDevices}/{uuid}";
        if (isNvidia && host.Exists(device))
        {
            var waited = 0;
            while (host.Exists(device) && waited < DriverSeconds)
            {
                await host.SleepAsync(1, cancellationToken).ConfigureAwait(false);
                waited++;
            }

            host.Print($"waited {waited} seconds for mediated device driver finishing clean up");
        }

        if (host.Exists(device))
        {
            host.Print($"actively clean up mediated device with UUID {uuid}");
            host.WriteAttribute(device + "/remove", "1");
        }
    }
}
