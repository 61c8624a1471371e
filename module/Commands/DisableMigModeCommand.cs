using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Disables MIG mode of GPUs, in the right order against GPU instances and virtual functions.</summary>
/// <example>
/// <code>Enable-MigMode 0 -Reset; Disable-MigMode 0 -Reset -WhatIf</code>
/// <para>Shows what disabling MIG mode of GPU 0 would do.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// New-MigInstance 0 -Profile 2g.12gb
/// Disable-MigMode 0 -Force -Reset -PassThru
/// </code>
/// <para>Destroys its GPU instances first.</para>
/// </example>
/// <seealso cref="GetGpuCommand"/>
/// <seealso cref="RemoveMigInstanceCommand"/>
[Cmdlet(VerbsLifecycle.Disable, "MigMode", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class DisableMigModeCommand : GpuChangingCommand
{
    /// <summary>
    /// Goes on where the change destroys what is on the GPU: GPU instances, idle vGPUs, mixed sizes, a scheduler
    /// setting. Never where a VM runs.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Resets the GPU where the change requires one, while nothing uses the GPU.</summary>
    [Parameter]
    public SwitchParameter Reset { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        ApplyToGpus(gpu => new GpuLayout { Gpu = gpu, Mig = false }, Force, Reset);
}
