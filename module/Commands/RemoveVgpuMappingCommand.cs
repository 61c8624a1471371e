using VgpuPS.Host.Operations.Mappings;

namespace VgpuPS.Commands;

/// <summary>Removes a cluster mapping, with its entries of all nodes; names the VMs whose next start then fails, and is
/// refused while one of them runs. Where all connected hosts are nodes of one cluster, any of them does it.</summary>
/// <example>
/// <code>Enable-Sriov 0; New-VgpuMapping gpu -Gpu 0; Remove-VgpuMapping gpu -Confirm:$false</code>
/// <para>Removes the mapping gpu.</para>
/// </example>
[Cmdlet(
    VerbsCommon.Remove, "VgpuMapping", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuMappingInfo))]
public sealed class RemoveVgpuMappingCommand : MappingChangingCommand
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Mappings by name, wildcards for those that there are.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Mapping")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MappingCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override bool IsRemoving => true;

    /// <summary>A mapping is the cluster's: one of its nodes is enough, and which does not matter.</summary>
    private protected override async Task<IReadOnlyList<IHostSession>> FindSessionsAsync(
        ICommandSink sink, CancellationToken cancellationToken) =>
        Session is null
            && await ClusterSessions.FindNodeAsync(sink, cancellationToken).ConfigureAwait(false) is { } node ? [node]
            : await base.FindSessionsAsync(sink, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeMappings(
        HostUseCases.RemoveMapping, Name,
        name => new RemoveMappingRequest { Name = name, MayBeGone = !_asked.Add(name.Trim()) });
}
