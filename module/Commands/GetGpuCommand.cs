namespace VgpuPS.Commands;

/// <summary>Shows GPUs: MIG mode, virtual functions, NUMA node, what is free, what may still be made, which VMs use
/// them.</summary>
/// <example>
/// <code>Get-Gpu</code>
/// <para>Shows all GPUs of all connected hosts.</para>
/// </example>
/// <example>
/// <code>Get-Gpu *A30* | Where-Object FreeSlices -gt 0</code>
/// <para>Shows the A30 that have capacity for a GPU instance.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "Gpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class GetGpuCommand : GpuReadingCommand
{
    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) => [gpu];
}
