using System.Globalization;

namespace VgpuPS.Core.Guests;

/// <summary>One line of Proxmox's reservations: a function that belongs to a VM.</summary>
/// <param name="Id">The PCI id as written; other ids are compared with it as text.</param>
/// <param name="Vm">The VM.</param>
/// <param name="ExpiresAt">Seconds since 1970 at which it ends, before QEMU runs; else null.</param>
/// <param name="Pid">Process id of the VM's QEMU once it runs; else null.</param>
/// <remarks>Source: facts/proxmox.md (e).</remarks>
public sealed record PciReservation(string Id, VmId Vm, long? ExpiresAt, int? Pid)
{
    /// <summary>The line as it stands in the file.</summary>
    public override string ToString() => Pid is { } pid
        ? string.Create(CultureInfo.InvariantCulture, $"{Id} {Vm} pid:{pid}")
        : string.Create(CultureInfo.InvariantCulture, $"{Id} {Vm} time:{ExpiresAt}");
}
