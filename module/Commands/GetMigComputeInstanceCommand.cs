namespace VgpuPS.Commands;

/// <summary>Shows the compute instances within GPU instances.</summary>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// New-MigInstance 0 -Profile 2g.12gb -ComputeInstance 1c.2g.12gb,1c.2g.12gb
/// Get-MigInstance | Get-MigComputeInstance
/// </code>
/// <para>Shows the compute instances of each GPU instance.</para>
/// </example>
/// <seealso cref="GetMigInstanceCommand"/>
[Cmdlet(VerbsCommon.Get, "MigComputeInstance", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigComputeInstanceInfo))]
public sealed class GetMigComputeInstanceCommand : GpuReadingCommand
{
    /// <summary>GPU instances by id.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    public uint[]? GpuInstanceId { get; set; }

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.ComputeInstancesOf(gpu)
            .Where(c => GpuInstanceId is null || GpuInstanceId.Contains(c.GpuInstanceId));

    private protected override IEnumerable<VgpuException> FindMissing(HostReport report) =>
        FindMissingInstances(GpuInstanceId, report, MeantGpus(report));
}
