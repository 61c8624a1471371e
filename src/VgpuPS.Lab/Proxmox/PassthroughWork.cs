namespace VgpuPS.Lab.Proxmox;

/// <summary>Binding of a function that is passed through whole to vfio-pci, with the rest of its IOMMU group.</summary>
/// <remarks>
/// Source: facts/proxmox.md (b), PVE::SysFSTools pci_dev_group_bind_to_vfio; a recording of one group of one. Assumed:
/// the order within a larger group, and the texts.
/// </remarks>
internal sealed class PassthroughWork(PveHost host)
{
    /// <summary>Binds the function's group.</summary>
    public void Bind(PciAddress function)
    {
        var devices = host.Files.List(PvePaths.Device(function.ToString()) + "/iommu_group/devices") ?? [];
        if (devices.Count == 0)
        {
            throw new ProxmoxFailure($"can't unbind/bind PCI group to VFIO '{function}'");
        }

        // Bridges stay with their driver; they have a bus of their own.
        foreach (var id in devices.Where(id => !host.Exists(PvePaths.Device(id) + "/pci_bus")))
        {
            if (!BindOne(id))
            {
                throw new ProxmoxFailure($"Cannot bind {id} to vfio");
            }
        }
    }

    private bool BindOne(string id)
    {
        if (!host.IsDirectory(PvePaths.VfioDriver))
        {
            throw new ProxmoxFailure("Cannot find vfio-pci module!");
        }

        var bound = $"{PvePaths.VfioDriver}/{id}";
        if (host.Exists(bound))
        {
            return true;
        }

        var device = PvePaths.Device(id);
        var ids = $"{Hex(device + "/vendor")} {Hex(device + "/device")}";
        if (!host.WriteAttribute(PvePaths.VfioDriver + "/new_id", ids))
        {
            return false;
        }

        // With the new id the kernel may have bound it already.
        if (!host.Exists(bound) && host.Files.ReadLink(device + "/driver") is not null
            && !host.WriteAttribute(device + "/driver/unbind", id))
        {
            return false;
        }

        return host.Exists(bound)
            || (host.WriteAttribute(PvePaths.VfioDriver + "/bind", id) && host.Exists(bound));
    }

    private string Hex(string path) => host.ReadFirstLine(path) is { Length: > 2 } text
        ? text[2..]
        : throw new ProxmoxFailure(new HostFileException("read", path, Errno.ENOENT).Message);
}
