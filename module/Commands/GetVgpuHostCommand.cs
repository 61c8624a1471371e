namespace VgpuPS.Commands;

/// <summary>Shows the connected hosts: kernel, driver, Proxmox VE, how vGPUs are handed out, IOMMU, GPUs.</summary>
/// <example>
/// <code>Get-VgpuHost</code>
/// <para>Shows all connected hosts, or this machine where none is connected.</para>
/// </example>
/// <example>
/// <code>Get-VgpuHost lab | Format-List</code>
/// <para>Shows everything about one of them.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "VgpuHost", HelpUri = HelpPages.Ssh)]
[OutputType(typeof(HostInfo))]
public sealed class GetVgpuHostCommand : VgpuCmdlet
{
    /// <summary>Host sessions, by name, wildcards allowed, or as Get-VgpuHost writes them. All without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuHost", "ComputerName")]
    [Identity("VgpuHost")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Session { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run((sink, token) => ReadingRunner.RunAsync(
        sink, HostSessions.ForReading(Session),
        new ReadHostRequest(DriverMayBeMissing: true, WithHookState: true, WithOtherGpus: true),
        (report, session, _) => [report.ToHost(session.Kind).InLocalTime()], token));
}
