using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Enables all virtual functions of GPUs, through NVIDIA's sriov-manage.</summary>
/// <remarks>Enabling rebinds the driver: what is on the GPU by then is named, and goes only with -Force.</remarks>
/// <example>
/// <code>Get-Gpu | Enable-Sriov</code>
/// <para>Enables the functions of all GPUs of the connected host.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0 -WhatIf</code>
/// <para>Shows what enabling those of GPU 0 would do.</para>
/// </example>
/// <seealso cref="GetSriovFunctionCommand"/>
/// <seealso cref="GetGpuCommand"/>
[Cmdlet(VerbsLifecycle.Enable, "Sriov", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class EnableSriovCommand : GpuChangingCommand
{
    /// <summary>
    /// Goes on where the change destroys what is on the GPU: GPU instances, idle vGPUs, mixed sizes, a scheduler
    /// setting. Never where a VM runs.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        ApplyToGpus(gpu => new GpuLayout { Gpu = gpu, Sriov = true }, Force);
}
