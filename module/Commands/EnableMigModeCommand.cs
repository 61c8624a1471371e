using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Enables MIG mode of GPUs, in the right order against their virtual functions.</summary>
/// <example>
/// <code>Enable-MigMode 0</code>
/// <para>Enables MIG mode of GPU 0; functions that are enabled are disabled before and enabled again after.</para>
/// </example>
/// <example>
/// <code>Enable-MigMode 0 -Reset</code>
/// <para>Resets the GPU where it requires one.</para>
/// </example>
/// <seealso cref="GetGpuCommand"/>
/// <seealso cref="EnableSriovCommand"/>
/// <seealso cref="NewMigInstanceCommand"/>
[Cmdlet(VerbsLifecycle.Enable, "MigMode", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class EnableMigModeCommand : GpuChangingCommand
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
        ApplyToGpus(gpu => new GpuLayout { Gpu = gpu, Mig = true }, Force, Reset);
}
