using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;

namespace VgpuPS.Core.Ports;

/// <summary>Changes configurations of VMs, through Proxmox's own program; never called under the host lock.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a): <c>qm set</c> waits 10 s for the VM's lock, which a start holds while its hook waits for
/// the host lock.
/// </remarks>
public interface IGuestConfig
{
    /// <summary>Looks whether this is a Proxmox host at all.</summary>
    /// <exception cref="HostNotReadyException">It is none, or its cluster file system is not there.</exception>
    void RequireProxmox();

    /// <summary>Changes a VM's configuration; the caller reads it back.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="change">What to set and to delete.</param>
    /// <param name="cancellationToken">Cancels before it begins; a change that has begun is waited for.</param>
    /// <exception cref="ResourceBusyException">The VM is locked, or was changed meanwhile.</exception>
    /// <exception cref="ObjectNotFoundException">The VM is not configured on this node.</exception>
    /// <exception cref="AccessDeniedException">We are not root.</exception>
    /// <exception cref="HostCommandException">Proxmox refused for another reason; carries its words.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time.</exception>
    Task ChangeAsync(VmId vm, GuestConfigChange change, CancellationToken cancellationToken);
}
