using VgpuPS.Host.Operations.VmPower;

namespace VgpuPS.Commands;

/// <summary>
/// Shuts VMs down with Proxmox, one after the other, and waits until each has stopped and its hook has released what it
/// made.
/// </summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-VgpuVm 101; Stop-VgpuVm 101</code>
/// <para>Asks the guest of VM 101 to shut down.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-VgpuVm 101; Stop-VgpuVm 101 -Force</code>
/// <para>Ends VM 101 as pulling the plug would.</para>
/// </example>
/// <seealso cref="StartVgpuVmCommand"/>
/// <seealso cref="GetVgpuVmCommand"/>
[Cmdlet(VerbsLifecycle.Stop, "VgpuVm", SupportsShouldProcess = true, HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuVmInfo))]
public sealed class StopVgpuVmCommand : VmChangingCommand
{
    /// <summary>Ends a VM without asking its guest, which loses what it has not written.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long a guest has to shut down, in seconds; it still runs then. 180 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 86400)]
    public int TimeoutSeconds { get; set; } = 180;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeVms(
        HostUseCases.StopVgpuVm,
        vm => new StopVgpuVmRequest { Vm = vm, Force = Force, TimeoutSeconds = TimeoutSeconds });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).Select(report.ToVm);
}
