namespace VgpuPS.Commands;

/// <summary>Shows the vGPUs that VMs' configurations request, those that wait for the next start included.</summary>
/// <example>
/// <code>Get-VmVgpu</code>
/// <para>Shows the vGPUs of all VMs.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "VmVgpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VmVgpuInfo))]
public sealed class GetVmVgpuCommand : VmReadingCommand
{
    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) => vm.Vgpus;
}
