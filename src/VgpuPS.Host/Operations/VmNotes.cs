namespace VgpuPS.Host.Operations;

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
