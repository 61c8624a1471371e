namespace VgpuPS.Commands;

/// <summary>Shows which VMs have the hook, and which other script it runs for them.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C -NoHook; Get-VgpuHook | Where-Object { $_.VgpuCount -and -not $_.IsRegistered }</code>
/// <para>Shows VMs with a vGPU that Proxmox would start without the hook.</para>
/// <output>
///    Host: lab
/// VM               Registered Hookscript               vGPUs Chained script
/// --               ---------- ----------               ----- --------------
/// 101 (web)        False                                   1
/// </output>
/// </example>
/// <seealso cref="AddVmVgpuCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuHook", HelpUri = HelpPages.Hook)]
[OutputType(typeof(VgpuHookInfo))]
public sealed class GetVgpuHookCommand : VmReadingCommand
{
    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) => [vm.Hook];
}
