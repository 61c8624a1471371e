namespace VgpuPS.Commands;

/// <summary>Closes host sessions; a simulated host in memory is gone with its session.</summary>
/// <example>
/// <code>Get-VgpuHost | Disconnect-VgpuHost</code>
/// <para>Closes all sessions.</para>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "VgpuHost", HelpUri = HelpPages.Ssh)]
[OutputType(typeof(void))]
public sealed class DisconnectVgpuHostCommand : VgpuCmdlet
{
    /// <summary>Host sessions, by name, wildcards allowed, or as Get-VgpuHost writes them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuHost", "ComputerName")]
    [Identity("VgpuHost")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Session { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, _) =>
    {
        foreach (var name in Session)
        {
            try
            {
                foreach (var session in HostSessions.FindAll(name))
                {
                    await HostSessions.RemoveAsync(session).ConfigureAwait(false);
                }
            }
            catch (VgpuException failure)
            {
                sink.WriteFailure(failure);
            }
        }
    });
}
