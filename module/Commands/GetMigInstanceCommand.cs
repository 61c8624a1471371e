namespace VgpuPS.Commands;

/// <summary>Shows GPU instances: profile, placement, compute instances, and the VMs that run on them.</summary>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// New-MigInstance 0 -Profile 2g.12gb,1g.6gb
/// Get-MigInstance
/// </code>
/// <para>Shows all GPU instances of all connected hosts.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// New-MigInstance 0 -Profile 1g.6gb -Count 2
/// Get-MigInstance -Profile 1g.6gb | Remove-MigInstance -WhatIf
/// </code>
/// <para>Shows what removing all 1g.6gb would do.</para>
/// </example>
/// <seealso cref="GetMigComputeInstanceCommand"/>
/// <seealso cref="ShowGpuCommand"/>
[Cmdlet(VerbsCommon.Get, "MigInstance", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigInstanceInfo))]
public sealed class GetMigInstanceCommand : GpuReadingCommand
{
    /// <summary>Instances by id.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    public uint[]? GpuInstanceId { get; set; }

    /// <summary>Only instances of these profiles, by name; wildcards allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Profile { get; set; }

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.InstancesOf(gpu).Where(i => IsWanted(Profile, i.Profile)
            && (GpuInstanceId is null || GpuInstanceId.Contains(i.GpuInstanceId)));

    private protected override IEnumerable<VgpuException> FindMissing(HostReport report) =>
        FindMissingInstances(GpuInstanceId, report, MeantGpus(report));
}
