using VgpuPS.Host.Operations.Mappings;

namespace VgpuPS.Commands;

/// <summary>
/// Makes a cluster mapping of vGPU functions: one name under which VMs get a function on whichever node they start. On
/// each node that is named, all functions of its GPUs get an entry, as that node's own hardware is.
/// </summary>
/// <remarks>
/// Functions that a VM names by address are left out. Entries are written by pvesh, read back, and only while the
/// cluster has quorum.
/// </remarks>
/// <example>
/// <code>Enable-Sriov 0; New-VgpuMapping gpu -Gpu 0; Add-VmVgpu 101 A30-6C -Mapping gpu</code>
/// <para>Maps the functions of a GPU, and gives a VM one of them at each start.</para>
/// </example>
/// <example>
/// <code>
/// Connect-VgpuHost -Lab A30 -Cluster lab; Connect-VgpuHost -Lab A30 -Cluster lab
/// Enable-Sriov 0 -Session pve1,pve2
/// New-VgpuMapping gpu -Gpu 0 -LiveMigration -Session pve1,pve2
/// </code>
/// <para>Maps the GPUs of two nodes under one name.</para>
/// </example>
/// <seealso cref="SyncVgpuMappingCommand"/>
/// <seealso cref="TestVgpuMappingCommand"/>
/// <seealso cref="AddVmVgpuCommand"/>
[Cmdlet(
    VerbsCommon.New, "VgpuMapping", SupportsShouldProcess = true, DefaultParameterSetName = GpuSet,
    HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuMappingInfo))]
public sealed class NewVgpuMappingCommand : MappingChangingCommand
{
    private const string GpuSet = "Gpu";
    private const string TypeSet = "Type";

    private readonly List<(string[]? Session, string[] Gpu)> _asked = [];

    /// <summary>Its name: a letter, then letters, digits, _ or -.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Mapping")]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>GPUs by index, UUID, address or model with wildcards, on each node that is named.</summary>
    [Parameter(Mandatory = true, ParameterSetName = GpuSet, ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Gpu { get; set; } = [];

    /// <summary>A type (A30-6C): all GPUs of the nodes that have it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TypeSet)]
    [Alias("VgpuType")]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Type { get; set; }

    /// <summary>Marks it as capable of live migration; with a driver that does not support it VMs do not start from
    /// it.</summary>
    [Parameter]
    public SwitchParameter LiveMigration { get; set; }

    /// <summary>Its description, one line.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string? Description { get; set; }

    private protected override bool IsCreating => true;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _asked.Add((Session, Gpu));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Run(async (sink, token) =>
        {
            // GPUs that are piped in, host by host: one request a host, whatever their order.
            var hosts = new List<(IHostSession Session, List<string> Gpus)>();
            foreach (var (names, gpus) in _asked)
            {
                foreach (var session in HostSessions.ForChanging(names))
                {
                    var host = hosts.Find(h => h.Session == session);
                    if (host.Session is null)
                    {
                        hosts.Add(host = (session, []));
                    }

                    host.Gpus.AddRange(gpus.Except(host.Gpus, StringComparer.OrdinalIgnoreCase));
                }
            }

            foreach (var (index, (session, gpus)) in hosts.Index())
            {
                await ChangeAsync(sink, [session], HostUseCases.NewMapping, () =>
                [
                    new NewMappingRequest
                    {
                        Name = Name,
                        Gpus = gpus,
                        Type = Type,
                        LiveMigration = LiveMigration,
                        Description = Description,
                        Joins = index > 0,
                    },
                ], token).ConfigureAwait(false);
            }
        });
        base.EndProcessing();
    }
}
