using VgpuPS.Host.Operations.Mappings;

namespace VgpuPS.Commands;

/// <summary>
/// Makes a cluster mapping's entries of a node what its hardware is, as after Enable-Sriov or another driver: functions
/// that are new get an entry, those that are gone lose theirs, wrong ids and IOMMU groups are corrected.
/// </summary>
/// <remarks>
/// An entry whose function a running or starting VM has stays. Entries of other nodes and other vendors are kept as
/// they are read.
/// </remarks>
/// <example>
/// <code>Enable-Sriov 0; New-VgpuMapping gpu -Gpu 0; Enable-Sriov 1; Sync-VgpuMapping gpu -Gpu 1</code>
/// <para>Adds the functions of another GPU to a mapping.</para>
/// </example>
/// <seealso cref="TestVgpuMappingCommand"/>
[Cmdlet(VerbsData.Sync, "VgpuMapping", SupportsShouldProcess = true, HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuMappingInfo))]
public sealed class SyncVgpuMappingCommand : MappingChangingCommand
{
    /// <summary>Mappings by name, wildcards for those that there are.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Mapping")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MappingCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>GPUs that the mapping gets functions of beside those that it has: by index, UUID, address or
    /// model with wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Gpu { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeMappings(
        HostUseCases.SyncMapping, Name, name => new SyncMappingRequest { Name = name, Gpus = Gpu });
}
