namespace VgpuPS.Commands;

/// <summary>Shows cluster mappings of vGPU functions: what each connected node has in them, and which VMs name
/// them.</summary>
/// <example>
/// <code>Enable-Sriov 0; New-VgpuMapping gpu -Gpu 0; Get-VgpuMapping</code>
/// <para>Shows the mapping gpu with its functions, nodes and VMs.</para>
/// </example>
/// <seealso cref="NewVgpuMappingCommand"/>
/// <seealso cref="TestVgpuMappingCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuMapping", HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuMappingInfo))]
public sealed class GetVgpuMappingCommand : ReadingCommand
{
    /// <summary>Mappings by name, wildcards allowed; all that have a device of NVIDIA without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Mapping")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MappingCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Mappings are read beside the GPUs.</summary>
    private protected override ReadHostRequest Request { get; } = new(DriverMayBeMissing: true, WithMappings: true);

    private protected override IEnumerable<object> Select(HostReport report, Action<VgpuException> fail)
    {
        foreach (var failure in FindMissing(
            Name, report.Mappings!.Select(m => m.Mapping), ErrorIds.MappingNotFound, "cluster mapping",
            "see what is mapped: Get-VgpuMapping"))
        {
            fail(failure);
        }

        return report.Mappings!.Where(m => IsWanted(Name, m.Mapping));
    }
}
