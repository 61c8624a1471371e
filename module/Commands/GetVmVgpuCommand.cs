namespace VgpuPS.Commands;

/// <summary>Shows the vGPUs that VMs' configurations request, those that wait for the next start included.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101,102 A30-6C; Get-VmVgpu</code>
/// <para>Shows the vGPUs of all VMs.</para>
/// <output>
///    Host: lab
/// VM              Entry     Type                             Memory (MiB) Function      State    Hook
/// --              -----     ----                             ------------ --------      -----    ----
/// 101 (web)       hostpci0  A30-6C                                   6144 0000:4b:00.4  current  True
/// 102 (build)     hostpci0  A30-6C                                   6144 0000:4b:00.5  current  True
/// </output>
/// </example>
/// <seealso cref="GetVgpuCommand"/>
[Cmdlet(VerbsCommon.Get, "VmVgpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VmVgpuInfo))]
public sealed class GetVmVgpuCommand : VmReadingCommand
{
    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) => vm.Vgpus;
}
