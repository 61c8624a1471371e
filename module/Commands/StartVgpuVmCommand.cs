using VgpuPS.Host.Operations.VmPower;

namespace VgpuPS.Commands;

/// <summary>
/// Starts VMs with Proxmox, one after the other, and waits until each runs. The plan has what the hook will do first; a
/// start that the hook would refuse is refused with its reason before anything is done.
/// </summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-VgpuVm 101 -PassThru</code>
/// <para>Starts VM 101, and shows the function that its vGPU is on.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101,102 A30-6C; Start-VgpuVm web,build -WhatIf</code>
/// <para>Shows what both starts would make.</para>
/// </example>
/// <seealso cref="StopVgpuVmCommand"/>
/// <seealso cref="GetVgpuVmCommand"/>
/// <seealso cref="TestVmVgpuCommand"/>
[Cmdlet(VerbsLifecycle.Start, "VgpuVm", SupportsShouldProcess = true, HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuVmInfo))]
public sealed class StartVgpuVmCommand : VmChangingCommand
{
    /// <summary>How long a start is waited for, in seconds; it goes on by itself then. 300 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 86400)]
    public int TimeoutSeconds { get; set; } = 300;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeVms(
        HostUseCases.StartVgpuVm, vm => new StartVgpuVmRequest { Vm = vm, TimeoutSeconds = TimeoutSeconds });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).Select(report.ToVm);
}
