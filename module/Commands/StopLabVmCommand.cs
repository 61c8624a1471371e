using VgpuPS.Core.Gpu;
using VgpuPS.LabHook;

namespace VgpuPS.Commands;

/// <summary>Stops VMs of a simulated host, as Proxmox VE would: its own part and the hook's.</summary>
/// <example>
/// <code>Stop-LabVm 101</code>
/// <para>Stops VM 101; what the hook made for it is released.</para>
/// </example>
/// <seealso cref="StartLabVmCommand"/>
[Cmdlet(VerbsLifecycle.Stop, "LabVm", SupportsShouldProcess = true, HelpUri = HelpPages.Lab)]
[OutputType(typeof(VgpuInfo))]
public sealed class StopLabVmCommand : LabVmCommand
{
    private protected override string Describe(VmId vm) => $"stop VM {vm} as Proxmox VE would, hook included";

    private protected override UseCase<LabVmRequest, LabVmResult> Action => LabUseCases.StopVm;
}
