namespace VgpuPS.Commands;

/// <summary>Shows which VMs have the hook, and which other script it runs for them.</summary>
/// <example>
/// <code>Get-VgpuHook | Where-Object { $_.VgpuCount -and -not $_.IsRegistered }</code>
/// <para>Shows VMs with a vGPU that Proxmox would start without the hook.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "VgpuHook", HelpUri = HelpPages.Hook)]
[OutputType(typeof(VgpuHookInfo))]
public sealed class GetVgpuHookCommand : VmReadingCommand
{
    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) => [vm.Hook];
}
