using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Ports;

/// <summary>Proxmox on this node: configurations, mappings, reservations, which VM runs. Read only, but for reservations.</summary>
public interface IGuestHost
{
    /// <summary>Name of this node.</summary>
    string Node { get; }

    /// <summary>Which Proxmox VE is installed; null when that cannot be told.</summary>
    string? QemuServerVersion { get; }

    /// <summary>Release of the running kernel; null when that cannot be told.</summary>
    string? KernelRelease { get; }

    /// <summary>The text of a VM's configuration as a start on this node uses it.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="migratedFrom">Node that an incoming live migration comes from; null or empty on a normal start.</param>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    /// <exception cref="UnreadableDataException">It cannot be read, or is too large to be one.</exception>
    byte[] ReadConfig(VmId vm, string? migratedFrom);

    /// <summary>VMs configured on this node, ascending.</summary>
    IReadOnlyList<VmId> GetVms();

    /// <summary>Text of the cluster's PCI mappings; null when there is no such file.</summary>
    byte[]? ReadMappings();

    /// <summary>Text of the cluster's list of storages; null when there is no such file.</summary>
    byte[]? ReadStorages();

    /// <summary>VMs that are configured on other nodes of the cluster, ascending, with their node.</summary>
    IReadOnlyList<(VmId Vm, string Node)> GetVmsElsewhere();

    /// <summary>Whether the VM's QEMU lives, paused and incoming included.</summary>
    bool IsRunning(VmId vm);

    /// <summary>Whether somebody holds the VM's configuration lock: it is starting, stopping or being changed.</summary>
    bool IsLocked(VmId vm);

    /// <summary>Whether Proxmox is about to start the VM again (<c>qm reboot</c>).</summary>
    bool IsRebooting(VmId vm);

    /// <summary>PCI functions that VMs have reserved, as the file stands.</summary>
    IReadOnlyList<FunctionReservation> GetReservations();

    /// <summary>
    /// Reserves the first of these functions that no other VM holds, under Proxmox's own lock. What the VM's running QEMU
    /// holds stays as it is.
    /// </summary>
    /// <param name="functions">The functions, best first.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="time">How long it holds unless Proxmox renews it; a longer time that the VM has stays.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The function; null when other VMs hold all of them.</returns>
    /// <exception cref="ResourceBusyException">The lock was not had in time.</exception>
    Task<PciAddress?> ReserveFirstAsync(
        IReadOnlyList<PciAddress> functions, VmId vm, TimeSpan time, CancellationToken cancellationToken);

    /// <summary>Renews reservations of VMs that are starting, all under one lock; what another VM holds is left alone.</summary>
    /// <param name="reservations">Functions and their VMs.</param>
    /// <param name="time">How long they hold from now.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>Those that another VM holds by now.</returns>
    /// <exception cref="ResourceBusyException">The lock was not had in time.</exception>
    Task<IReadOnlyList<FunctionReservation>> RenewAsync(
        IReadOnlyList<(PciAddress Function, VmId Vm)> reservations, TimeSpan time, CancellationToken cancellationToken);

    /// <summary>Drops this VM's reservation of a function, if it has one.</summary>
    Task UnreserveAsync(PciAddress function, VmId vm, CancellationToken cancellationToken);
}
