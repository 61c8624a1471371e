using VgpuPS.Host.Operations.Affinity;

namespace VgpuPS.Commands;

/// <summary>
/// Takes off the pins that Set-VmVgpuAffinity made: what stood there before stands there again. Lines that somebody
/// changed since stay as they are.
/// </summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Set-VmVgpuAffinity 101; Remove-VmVgpuAffinity 101 -Confirm:$false</code>
/// <para>Lets VM 101 run on any CPU again from its next start on.</para>
/// </example>
[Cmdlet(
    VerbsCommon.Remove, "VmVgpuAffinity", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Placing)]
[OutputType(typeof(VmVgpuAffinityInfo))]
public sealed class RemoveVmVgpuAffinityCommand : VmChangingCommand
{
    private protected override bool ChangesTemplates => true;

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        ChangeVms(HostUseCases.RemoveVmVgpuAffinity, vm => new RemoveVmVgpuAffinityRequest { Vm = vm });

    private protected override bool IsRemoving => true;

    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true, WithAffinity: true);

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Affinity!.Where(a => a.VmId == changed.VmId);
}
