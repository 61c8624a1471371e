namespace VgpuPS.Commands;

/// <summary>
/// Shows changes that were made on the connected hosts by the hook, the boot service, the sweep and commands: when,
/// who, for which VM, on what, before and after; the oldest first, over all hosts.
/// Reads /var/log/vgpups/events.jsonl and the file that it was last rotated to.
/// </summary>
/// <example>
/// <code>Enable-Sriov 0,1; Get-VgpuEvent -Last 20</code>
/// <para>Shows the latest 20 changes of each connected host.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Get-VgpuEvent -VmId 101 -After '2026-01-01' | Format-List</code>
/// <para>Shows everything about what was done for VM 101 since a day.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// New-MigInstance 0 -Profile 2g.12gb
/// Get-VgpuEvent -Source *-Mig* -Action createGpuInstance
/// </code>
/// <para>Shows user-created GPU instances.</para>
/// </example>
/// <seealso cref="GetVgpuCommand"/>
/// <seealso cref="TestVgpuHostCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuEvent", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuEventInfo))]
public sealed class GetVgpuEventCommand : SessionCommand
{
    /// <summary>Only this many of each host, the latest.</summary>
    [Parameter]
    [Alias("Newest")]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int? Last { get; set; }

    /// <summary>Only this many of each host, the earliest.</summary>
    [Parameter]
    [Alias("Oldest")]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>Only changes at this time or later.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public DateTime? After { get; set; }

    /// <summary>Only changes at this time or earlier.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public DateTime? Before { get; set; }

    /// <summary>Only changes that were made for these VMs, by id.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Identity(nameof(VmId))]
    [ArgumentCompleter(typeof(EventVmCompleter))]
    [ValidateNotNullOrEmpty]
    public int[]? VmId { get; set; }

    /// <summary>Only changes by these: hook, boot, sweep, or names of commands; wildcards allowed.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(EventSourceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Source { get; set; }

    /// <summary>Only these kinds of change, such as createGpuInstance; wildcards allowed.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(EventActionCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Action { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var request = new ReadEventsRequest
        {
            Last = Last,
            After = After?.ToUniversalTime(),
            Before = Before?.ToUniversalTime(),
            VmIds = VmId,
            Sources = Source,
            Actions = Action,
        };
        Run(async (sink, token) =>
        {
            var sessions = HostSessions.ForReading(Session);
            var found = sessions.ToDictionary(s => s, _ => new List<VgpuEventInfo>());
            await ReadingRunner.ForEachAsync(
                sink, sessions,
                async (session, cancellationToken) =>
                {
                    var result = await session.RunAsync(
                        HostUseCases.ReadEvents, request, new SinkObserver(sink, session.Name), cancellationToken)
                        .ConfigureAwait(false);
                    found[session].AddRange(Select(result, session.Name, sink));
                    return [];
                },
                token).ConfigureAwait(false);

            // Stable: what happened at one time stays in the order of the hosts.
            foreach (var row in sessions.SelectMany(s => found[s]).OrderBy(e => e.Time))
            {
                sink.WriteObject(row);
            }
        });
    }

    private IEnumerable<VgpuEventInfo> Select(ReadEventsResult result, string session, ICommandSink sink)
    {
        if (result.UnreadableLines > 0)
        {
            sink.WriteWarning($"{session}: {result.UnreadableLines} lines of /var/log/vgpups/events.jsonl are not "
                + "events and are skipped");
        }

        return result.Events.Take(First ?? int.MaxValue).Select(e => e.InLocalTime());
    }
}
