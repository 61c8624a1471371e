namespace VgpuPS.Commands;

/// <summary>Shows which CPUs and memory VMs with vGPUs have, and whether these are near their GPUs.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Get-VmVgpuAffinity</code>
/// <para>Shows the GPU's NUMA node, the VM's CPUs, and a verdict: Near, Socket, Far or Unpinned.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "VmVgpuAffinity", HelpUri = HelpPages.Placing)]
[OutputType(typeof(VmVgpuAffinityInfo))]
public sealed class GetVmVgpuAffinityCommand : VmReadingCommand
{
    /// <summary>CPUs and memory are read beside the VMs.</summary>
    private protected override ReadHostRequest Request { get; } = new(DriverMayBeMissing: true, WithAffinity: true);

    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) =>
        report.Affinity!.Where(a => a.VmId == vm.Id);
}
