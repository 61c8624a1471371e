using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Lets time-sliced vGPUs of several sizes share GPUs; after functions are enabled and before any vGPU is
/// there.</summary>
/// <example>
/// <code>Enable-Sriov 0; Enable-VgpuMixedSize 0</code>
/// <para>Lets vGPUs of several sizes share GPU 0.</para>
/// </example>
/// <seealso cref="SetVgpuSchedulerCommand"/>
[Cmdlet(VerbsLifecycle.Enable, "VgpuMixedSize", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class EnableVgpuMixedSizeCommand : GpuChangingCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        ApplyToGpus(gpu => new GpuLayout { Gpu = gpu, MixedSizes = true });
}
