namespace VgpuPS.Commands;

/// <summary>Shows the claims of VMs to vGPUs, which the hook keeps from before a VM starts until it has stopped: what
/// a VM has, holds or waits for.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Get-VgpuClaim</code>
/// <para>Shows the claim of VM 101, which runs.</para>
/// </example>
/// <example>
/// <code>
/// Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101
/// Get-VgpuClaim 101 | Format-List
/// </code>
/// <para>Shows everything about the claims of one VM.</para>
/// </example>
/// <seealso cref="InvokeVgpuSweepCommand"/>
/// <seealso cref="GetVgpuCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuClaim", HelpUri = HelpPages.Hook)]
[OutputType(typeof(VgpuClaimInfo))]
public sealed class GetVgpuClaimCommand : VmReadingCommand
{
    private protected override ReadHostRequest Request { get; } = new(DriverMayBeMissing: true, WithHookState: true);

    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) =>
        report.ClaimsOf(vm.Id).Select(c => c.InLocalTime());
}
