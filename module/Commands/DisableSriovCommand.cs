using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Disables all virtual functions of GPUs, through NVIDIA's sriov-manage.</summary>
/// <example>
/// <code>Disable-Sriov 0</code>
/// <para>Disables the functions of GPU 0.</para>
/// </example>
/// <example>
/// <code>Disable-Sriov 0 -Force</code>
/// <para>Disables them although GPU instances or idle vGPUs are lost by it.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Disable, "Sriov", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class DisableSriovCommand : GpuChangingCommand
{
    /// <summary>
    /// Goes on where the change destroys what is on the GPU: GPU instances, idle vGPUs, mixed sizes, a scheduler
    /// setting. Never where a VM runs.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        ApplyToGpus(gpu => new GpuLayout { Gpu = gpu, Sriov = false }, Force);
}
