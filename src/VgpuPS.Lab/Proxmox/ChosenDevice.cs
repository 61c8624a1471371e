using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;

namespace VgpuPS.Lab.Proxmox;

/// <summary>One hostpciN while a start works on it.</summary>
/// <param name="Entry">The line.</param>
/// <param name="Alternatives">What it may become: one once the choice is made, all for a classic mdev.</param>
/// <param name="VendorVfioType">The type to set on the function, or null.</param>
/// <param name="IsLiveMigrationCapable">Whether QEMU gets <c>enable-migration=on</c>.</param>
internal sealed record ChosenDevice(
    HostPciEntry Entry,
    IReadOnlyList<IReadOnlyList<PciAddress>> Alternatives,
    string? VendorVfioType,
    bool IsLiveMigrationCapable)
{
    /// <summary>Whether a mediated device is created for it.</summary>
    public bool IsClassicMdev => Entry.Mdev is not null && VendorVfioType is null;

    /// <summary>The functions of the chosen alternative.</summary>
    public IReadOnlyList<PciAddress> Functions => Alternatives[0];
}
