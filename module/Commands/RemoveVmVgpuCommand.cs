using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Commands;

/// <summary>Takes a vGPU out of VMs' configurations; a running VM keeps it until its next cold start.</summary>
/// <remarks>
/// With a VM's last vGPU the hook goes too, and a script that was chained is put back. A VM that runs keeps the hook,
/// which releases the vGPU when it stops.
/// </remarks>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Remove-VmVgpu 101</code>
/// <para>Takes VM 101's only vGPU away.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101,102 A30-6C; Get-VmVgpu | Where-Object VgpuType -eq A30-6C | Remove-VmVgpu -WhatIf</code>
/// <para>Shows what taking away all vGPUs of a type would do.</para>
/// </example>
/// <seealso cref="UnregisterVgpuHookCommand"/>
[Cmdlet(VerbsCommon.Remove, "VmVgpu", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VmVgpuInfo))]
public sealed class RemoveVmVgpuCommand : VmChangingCommand
{
    /// <summary>The entry, hostpciN or N; the VM's only vGPU without it.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VmEntryCompleter))]
    [AllowEmptyString]
    public string? Entry { get; set; }

    /// <summary>Leaves the hook on a VM that has no vGPU any more.</summary>
    [Parameter]
    public SwitchParameter KeepHook { get; set; }

    private protected override bool ChangesTemplates => true;

    private protected override bool ChangesAnyVm => false;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeVms(HostUseCases.RemoveVmVgpu, vm => new RemoveVmVgpuRequest
    {
        Vm = vm,
        Entry = string.IsNullOrWhiteSpace(Entry) ? null : Entry,
        KeepHook = KeepHook,
    });

    private protected override bool IsRemoving => true;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).SelectMany(v => v.Vgpus)
            .Where(v => v.Entry == changed.Entry && v.State != "removing");
}
