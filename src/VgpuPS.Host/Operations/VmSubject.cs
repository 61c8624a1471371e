namespace VgpuPS.Host.Operations;

/// <summary>A VM of this node as it was read for a change.</summary>
/// <param name="Id">The VM.</param>
/// <param name="Raw">Its configuration's bytes.</param>
/// <param name="Config">Its configuration as Proxmox reads it.</param>
/// <param name="Generation">The Proxmox that reads it.</param>
/// <param name="IsRunning">Whether it runs: then changes of devices wait for its next cold start.</param>
internal sealed record VmSubject(VmId Id, byte[] Raw, VmConfig Config, PveGeneration Generation, bool IsRunning)
{
    /// <summary>The VM for display: <c>VM 101 (web)</c>.</summary>
    public string Label => Config.Name is { } name ? $"VM {Id} ({name})" : $"VM {Id}";

    /// <summary>What Proxmox compares, so that no one else's change is overwritten.</summary>
    public string Digest => ConfigDigest.Of(Raw);

    /// <summary>Refuses what Proxmox would refuse to change.</summary>
    /// <exception cref="ResourceBusyException">An operation has it locked.</exception>
    public void RequireUnlocked()
    {
        if (Config.Lock is { } held)
        {
            throw new ResourceBusyException(
                ErrorIds.VmLocked, $"{Label} is locked by an operation of Proxmox: lock: {held}",
                "wait until it has ended (pvesh get /cluster/tasks); if its task no longer exists, remove the lock: "
                    + $"qm unlock {Id}",
                Id.ToString());
        }
    }

    /// <summary>Refuses a template, which is never started.</summary>
    /// <exception cref="InvalidRequestException">It is one.</exception>
    public void RequireNoTemplate()
    {
        if (Config.IsTemplate)
        {
            throw new InvalidRequestException(
                ErrorIds.VmIsTemplate,
                $"{Label} is a template: it is never started, and all VMs cloned from it would request the same "
                    + "function",
                $"clone a VM from it and add the vGPU to that one: qm clone {Id} <new id> --full", Id.ToString());
        }
    }
}

/// <summary>Sentences about VMs that several plans and refusals have.</summary>
internal static class VmNotes
{
    /// <summary>Says that a running VM has the change only later.</summary>
    /// <remarks>
    /// Source: facts/proxmox.md (b): hostpci is never hot-plugged, a reset inside the guest is not a cold start.
    /// </remarks>
    public static string ColdStart(VmSubject vm, string key) =>
        $"stop and start {vm.Label}, which runs: {key} takes effect at its next cold start";

    /// <summary>VMs by number, for display.</summary>
    public static string Join(IEnumerable<VmId> vms) => string.Join(", ", vms.Select(v => $"VM {v}"));

    /// <summary>Commands that stop VMs.</summary>
    public static string Shutdown(IEnumerable<VmId> vms) => string.Join("; ", vms.Select(v => $"qm shutdown {v}"));
}
