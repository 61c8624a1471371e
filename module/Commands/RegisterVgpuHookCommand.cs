using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Commands;

/// <summary>Puts the hook on VMs, and its file into a storage for snippets; another hookscript is kept and runs as
/// before.</summary>
/// <example>
/// <code>Register-VgpuHook 101,102</code>
/// <para>Puts the hook on two VMs.</para>
/// </example>
/// <seealso cref="AddVmVgpuCommand"/>
[Cmdlet(VerbsLifecycle.Register, "VgpuHook", SupportsShouldProcess = true, HelpUri = HelpPages.Hook)]
[OutputType(typeof(VgpuHookInfo))]
public sealed class RegisterVgpuHookCommand : VmChangingCommand
{
    /// <summary>Storage for the hook's file; the one that has it already, else local, else the first that can, without
    /// it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(StorageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Storage { get; set; }

    private protected override bool ChangesTemplates => true;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeVms(
        HostUseCases.RegisterVgpuHook, vm => new RegisterVgpuHookRequest { Vm = vm, Storage = Storage });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).Select(v => v.Hook);
}
