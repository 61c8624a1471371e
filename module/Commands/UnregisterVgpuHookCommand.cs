using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Commands;

/// <summary>Takes the hook from VMs, and restores the script that it ran for them.</summary>
/// <example>
/// <code>Register-VgpuHook 101; Unregister-VgpuHook 101</code>
/// <para>Takes the hook from VM 101 again.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Unregister, "VgpuHook", SupportsShouldProcess = true, HelpUri = HelpPages.Hook)]
[OutputType(typeof(VgpuHookInfo))]
public sealed class UnregisterVgpuHookCommand : VmChangingCommand
{
    /// <summary>Does it although the VM has a vGPU, or although its own script cannot be restored.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool ChangesTemplates => true;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeVms(
        HostUseCases.UnregisterVgpuHook, vm => new UnregisterVgpuHookRequest { Vm = vm, Force = Force });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).Select(v => v.Hook);
}
