namespace VgpuPS.Commands;

/// <summary>Draws GPUs for the terminal: memory slices with their instances and VMs, or the time-sliced
/// vGPUs.</summary>
/// <remarks>The colours are the view's: in a file or a variable the diagram is plain text.</remarks>
/// <example>
/// <code>Show-Gpu</code>
/// <para>Draws all GPUs of all connected hosts.</para>
/// <output>
///    Host: lab
/// GPU 0  0000:4b:00.0  NVIDIA A30  24576 MiB  MIG off  0 of 16 VFs enabled
///         no vGPU
/// GPU 1  0000:ca:00.0  NVIDIA A30  24576 MiB  MIG off  0 of 16 VFs enabled
///         no vGPU
/// </output>
/// </example>
/// <example>
/// <code>Get-Gpu 0 | Show-Gpu</code>
/// <para>Draws one.</para>
/// </example>
/// <seealso cref="GetMigInstanceCommand"/>
[Cmdlet(VerbsCommon.Show, "Gpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuPictureInfo))]
public sealed class ShowGpuCommand : GpuReadingCommand
{
    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) => [GpuDiagram.Row(gpu)];
}
