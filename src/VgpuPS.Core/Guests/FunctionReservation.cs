using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Guests;

/// <summary>A VM's hold on a PCI function, in Proxmox's own file.</summary>
/// <param name="Function">The function.</param>
/// <param name="Vm">The VM.</param>
/// <param name="IsHeld">Whether it still counts: its time is in the future, or its process is that VM's live QEMU.</param>
/// <remarks>Source: facts/proxmox.md (e).</remarks>
public sealed record FunctionReservation(PciAddress Function, VmId Vm, bool IsHeld)
{
    /// <summary>Whether it is by a process, as Proxmox writes it once QEMU runs; by a time before that.</summary>
    public bool IsByProcess { get; init; }
}
