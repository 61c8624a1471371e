namespace VgpuPS.Completers;

/// <summary>Completes entries of the VM on the line that request a vGPU.</summary>
public sealed class VmEntryCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound)
    {
        var vms = Texts(bound, "VmId", "VmName");
        return
            from report in Read(bound)
            from vm in report.Vms
            where vms.Count == 0 || vms.Any(v => VgpuPS.Text.Vms.IsNamed(vm, v))
            from vgpu in vm.Vgpus
            select new Completion(
                vgpu.Entry, $"VM {vm.Id} {vgpu.Entry}: {vgpu.VgpuType ?? vm.HostPci.GetValueOrDefault(vgpu.Entry)}");
    }
}
