namespace VgpuPS.Commands;

/// <summary>Shows VMs: whether they run, their vGPUs and where these are, the hook, and pinned CPUs.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-VgpuVm 101; Get-VgpuVm</code>
/// <para>Shows the VMs of all connected hosts.</para>
/// <output>
///    Host: lab
/// VM                Status   Node   vGPUs         Functions     Hook  Affinity
/// --                ------   ----   -----         ---------     ----  --------
/// 101 (web)         running  pve1   A30-6C        0000:4b:00.4  True
/// 102 (build)       stopped  pve1                               False
/// 103 (render)      stopped  pve1                               False
/// 104 (desk)        stopped  pve1                               False
/// 900 (ubuntu-templ template pve1                               False
/// ate)
/// </output>
/// </example>
/// <example>
/// <code>
/// Enable-Sriov 0; Add-VmVgpu 101,102 A30-6C
/// Get-VgpuVm | Where-Object { $_.Vgpu -and $_.Status -eq 'stopped' } | Start-VgpuVm -PassThru
/// </code>
/// <para>Starts all VMs that have a vGPU and do not run.</para>
/// </example>
/// <seealso cref="StartVgpuVmCommand"/>
/// <seealso cref="StopVgpuVmCommand"/>
/// <seealso cref="GetVmVgpuCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuVm", HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuVmInfo))]
public sealed class GetVgpuVmCommand : VmReadingCommand
{
    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) => [report.ToVm(vm)];
}
