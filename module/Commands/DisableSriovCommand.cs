using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Disables all virtual functions of GPUs, through NVIDIA's sriov-manage.</summary>
/// <example>
/// <code>Enable-Sriov 0; Disable-Sriov 0 -WhatIf</code>
/// <para>Shows what disabling the functions of GPU 0 would do.</para>
/// <output>
/// What if: Disable-Sriov on GPU 0 (NVIDIA A30, 0000:4b:00.0):
///   1. disable 16 virtual functions, GPU 0000:4b:00.0
/// </output>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; New-Vgpu 0 A30-8C; Disable-Sriov 0 -Force -PassThru</code>
/// <para>Disables them although GPU instances or idle vGPUs are lost by it.</para>
/// </example>
/// <seealso cref="GetSriovFunctionCommand"/>
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
