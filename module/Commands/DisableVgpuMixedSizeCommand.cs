using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Lets only vGPUs of one size share GPUs, before any vGPU is there.</summary>
/// <example>
/// <code>Disable-VgpuMixedSize 0</code>
/// <para>Lets only vGPUs of one size share GPU 0.</para>
/// </example>
/// <seealso cref="SetVgpuSchedulerCommand"/>
[Cmdlet(VerbsLifecycle.Disable, "VgpuMixedSize", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class DisableVgpuMixedSizeCommand : GpuChangingCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        ApplyToGpus(gpu => new GpuLayout { Gpu = gpu, MixedSizes = false });
}
