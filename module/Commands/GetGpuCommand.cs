namespace VgpuPS.Commands;

/// <summary>Shows GPUs: MIG mode, virtual functions, NUMA node, what is free, what may still be made, which VMs use
/// them; those that NVIDIA's driver does not have as PCI shows them, with the driver that has them.</summary>
/// <example>
/// <code>Get-Gpu</code>
/// <para>Shows all GPUs of all connected hosts.</para>
/// <output>
///    Host: lab
/// GPU Address      Model                      GiB MIG          Functions      VMs
/// --- -------      -----                      --- ---          ---------      ---
///   0 0000:4b:00.0 NVIDIA A30                  24 off          0/16, 0 free
///   1 0000:ca:00.0 NVIDIA A30                  24 off          0/16, 0 free
/// </output>
/// </example>
/// <example>
/// <code>Get-Gpu *A30* | Where-Object FreeSlices -gt 0</code>
/// <para>Shows the A30 that have capacity for a GPU instance.</para>
/// </example>
/// <seealso cref="ShowGpuCommand"/>
/// <seealso cref="GetSriovFunctionCommand"/>
/// <seealso cref="EnableMigModeCommand"/>
[Cmdlet(VerbsCommon.Get, "Gpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class GetGpuCommand : GpuReadingCommand
{
    /// <summary>Without the driver there is still what PCI shows.</summary>
    private protected override ReadHostRequest Request { get; } =
        new(DriverMayBeMissing: true, WithOtherGpus: true, MustHaveGpus: true);

    private protected override IReadOnlyList<GpuInfo> GpusOf(HostReport report) =>
        [.. report.Gpus, .. report.PciGpus];

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) => [gpu];
}
