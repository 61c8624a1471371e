namespace VgpuPS.Host.Execution;

/// <summary>Releases a vendor VFIO function that a VM leaves, whoever wants it meanwhile.</summary>
/// <remarks>
/// Source: facts/proxmox-reservations.md, points 1 and 3, row S4: a function without a line that is ahead is another
/// VM's for the taking, its type with it, so the leaving VM's line is on it while the type is cleared; and Proxmox's
/// lock is never held across a driver write.
/// </remarks>
internal static class FunctionRelease
{
    /// <summary>
    /// How long the hook's line holds a function: the activation of volumes lies between pre-start and Proxmox's choice
    /// and has no limit, so every hook run renews the lines of VMs that are starting.
    /// </summary>
    public static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(600);

    /// <summary>Clears a VM's type and drops its line.</summary>
    /// <param name="host">The host.</param>
    /// <param name="function">The function.</param>
    /// <param name="vm">The VM that leaves it.</param>
    /// <param name="type">The type that is the VM's; another one is another owner's and stays. Null for any.</param>
    /// <param name="cancellationToken">Ends the wait for Proxmox's lock.</param>
    /// <returns>The type that was cleared; null when there was none, or another VM has the function.</returns>
    /// <exception cref="VgpuException">The driver refused, or the lock was not had; the line stays.</exception>
    public static async Task<VgpuTypeId?> RunAsync(
        HostPorts host, PciAddress function, VmId vm, VgpuTypeId? type, CancellationToken cancellationToken)
    {
        VgpuTypeId? cleared = null;
        if (Find(host, function, type) is not null)
        {
            if (await host.Proxmox.ReserveFirstAsync(
                [function], vm, HoldTime, cancellationToken).ConfigureAwait(false) is null)
            {
                return null;
            }

            // Looked at again: whoever had it until now may have left it otherwise.
            cleared = Find(host, function, type);
            if (cleared is not null)
            {
                host.Devices.SetType(function, null);
            }
        }

        await host.Proxmox.UnreserveAsync(function, vm, cancellationToken).ConfigureAwait(false);
        return cleared;
    }

    private static VgpuTypeId? Find(HostPorts host, PciAddress function, VgpuTypeId? type) =>
        host.Devices.FindFunction(function)?.CurrentType is { } now && (type is null || now == type) ? now : null;
}
