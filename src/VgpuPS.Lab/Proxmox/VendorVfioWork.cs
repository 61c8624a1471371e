namespace VgpuPS.Lab.Proxmox;

/// <summary>The vGPU type of a virtual function under the vendor VFIO framework.</summary>
/// <remarks>
/// Source: facts/proxmox.md (d) Vendor VFIO, create_nvidia_device and cleanup_pci_devices; recordings.
/// </remarks>
internal sealed class VendorVfioWork(PveHost host)
{
    private const int ResetTries = 10;

    /// <summary>Sets the type, as text; an equal one is accepted without any check.</summary>
    public void SetType(PciAddress function, string type)
    {
        var attribute = PvePaths.CurrentType(function.ToString());
        var current = host.ReadFirstLine(attribute)
            ?? throw new ProxmoxFailure($"no nvidia sysfs api for '{function}'");
        if (current == type)
        {
            return;
        }

        // The old type goes first, and stays away when the new one is refused below.
        if (current != "0" && !host.WriteAttribute(attribute, "0"))
        {
            throw new ProxmoxFailure($"unable to reset vgpu type for '{function}'");
        }

        if (!IsCreatable(function, type))
        {
            throw new ProxmoxFailure($"vgpu type '{type}' not available for '{function}'");
        }

        if (!host.WriteAttribute(attribute, type))
        {
            throw new ProxmoxFailure($"could not set vgpu type to '{type}' for '{function}'");
        }
    }

    /// <summary>Puts the function back to no type; sleeps a second before each try.</summary>
    /// <param name="id">The id of a reservation: driver=keep lines are reset too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ResetAsync(string id, CancellationToken cancellationToken)
    {
        var attribute = PvePaths.CurrentType(id);
        if (host.ReadFirstLine(attribute) is null or "0")
        {
            return;
        }

        for (var i = 0; i < ResetTries; i++)
        {
            await host.SleepAsync(1, cancellationToken).ConfigureAwait(false);
            if (host.WriteAttribute(attribute, "0"))
            {
                return;
            }
        }

        host.Warn($"could not cleanup nvidia vgpu for '{id}'");
    }

    private bool IsCreatable(PciAddress function, string type)
    {
        IEnumerable<VgpuTypeId> types;
        if (host.Options.Generation.AsksNvmlForCreatableTypes)
        {
            // Asked on the physical function, on the function itself where it has none.
            var link = host.Files.ReadLink(PvePaths.Device(function.ToString()) + "/physfn");
            var asked = PciAddress.TryParse(link?.Split('/')[^1], out var parent) ? parent : function;
            types = host.Machine.GetCreatableTypes(asked) ?? throw new ProxmoxFailure(
                $"failed to query NVIDIA vGPU types for {function} - device not found: {asked}");
        }
        else
        {
            var list = host.ReadText(PvePaths.Device(function.ToString()) + "/nvidia/creatable_vgpu_types") ?? "";
            types = CreatableVgpuType.Read(Encoding.UTF8.GetBytes(list)).Select(creatable => creatable.Id);
        }

        return types.Any(creatable => creatable.ToString() == type);
    }
}
