using VgpuPS.Core.Gpu;
using VgpuPS.LabHook;

namespace VgpuPS.Commands;

/// <summary>Starts VMs of a simulated host, as Proxmox VE would: its own part and the hook's, at every phase.</summary>
/// <example>
/// <code>Add-VmVgpu -VmId 101 -Memory 12GB; Start-LabVm 101</code>
/// <para>Gives VM 101 a vGPU and starts it.</para>
/// </example>
/// <seealso cref="StopLabVmCommand"/>
/// <seealso cref="SetLabGuestCommand"/>
[Cmdlet(VerbsLifecycle.Start, "LabVm", SupportsShouldProcess = true, HelpUri = HelpPages.Lab)]
[OutputType(typeof(VgpuInfo))]
public sealed class StartLabVmCommand : LabVmCommand
{
    private protected override string Describe(VmId vm) => $"start VM {vm} as Proxmox VE would, hook included";

    private protected override UseCase<LabVmRequest, LabVmResult> Action => LabUseCases.StartVm;
}
