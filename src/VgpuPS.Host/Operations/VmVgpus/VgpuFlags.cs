namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>How the guest sees a vGPU.</summary>
/// <param name="IsPrimary">Whether it is the primary display; null to leave the line as it is.</param>
/// <param name="IsPcie">Whether it is a PCI Express device; null to leave the line as it is.</param>
internal sealed record VgpuFlags(bool? IsPrimary, bool? IsPcie)
{
    /// <summary>Checks what is asked against the VM.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="entry">The entry that is changed; null for a new one, which is PCI Express where the machine
    /// can.</param>
    /// <param name="isPrimary">What is asked.</param>
    /// <param name="isPcie">What is asked.</param>
    /// <exception cref="InvalidRequestException">The machine has no PCI Express, or another entry is the primary
    /// display.</exception>
    /// <remarks>Source: facts/proxmox.md (b): <c>pcie=1</c> needs q35. Assumed: one primary display a VM.</remarks>
    public static VgpuFlags For(VmSubject vm, HostPciEntry? entry, bool? isPrimary, bool? isPcie)
    {
        var isQ35 = vm.Config.NextValue("machine")?.Contains("q35", StringComparison.Ordinal) ?? false;
        if (isPcie == true && !isQ35)
        {
            throw new InvalidRequestException(
                ErrorIds.PciExpressUnsupported,
                $"{vm.Label} has the machine type {vm.Config.NextValue("machine") ?? "i440fx"}, and PCI Express needs "
                    + "q35",
                $"omit PCI Express, or change the machine: qm set {vm.Id} --machine q35", vm.Id.ToString());
        }

        if (isPrimary == true && vm.Config.NextHostPci.FirstOrDefault(
            e => e.IsPrimaryDisplay && e.Index != entry?.Index) is { } other)
        {
            throw new InvalidRequestException(
                ErrorIds.PrimaryGpuTaken, $"{other.Key} of {vm.Label} is already its primary display",
                $"change that one first: Set-VmVgpu -VmId {vm.Id} -Entry {other.Key} -PrimaryGpu:$false", other.Key);
        }

        return new VgpuFlags(isPrimary, isPcie ?? (entry is null && isQ35 ? true : null));
    }

    /// <summary>Sets them on a line.</summary>
    public string Apply(string value)
    {
        value = IsPcie is { } pcie ? HostPciText.With(value, "pcie", pcie ? "1" : null) : value;
        return IsPrimary is { } primary ? HostPciText.With(value, "x-vga", primary ? "1" : null) : value;
    }
}
