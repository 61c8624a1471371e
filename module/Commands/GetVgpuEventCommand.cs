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
/// <example>
/// <code>Enable-Sriov 0; Get-VgpuEvent -Follow -Last 1 | Select-Object -First 1</code>
/// <para>Shows changes as they are made, here the first one that comes; without Select-Object until Ctrl+C.</para>
/// </example>
/// <seealso cref="GetVgpuCommand"/>
/// <seealso cref="TestVgpuHostCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuEvent", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuEventInfo))]
public sealed class GetVgpuEventCommand : SessionCommand
{
    private readonly HashSet<string> _vms = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _sessions = new(StringComparer.OrdinalIgnoreCase);

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

    /// <summary>Only changes that were made for these VMs: by id, of VMs that are gone too, or by name, wildcards in
    /// either.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EventVmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

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

    /// <summary>
    /// Goes on and writes changes as they are made, until Ctrl+C. Of those that were made before only what -Last or
    /// -After asks for is written.
    /// </summary>
    [Parameter]
    public SwitchParameter Follow { get; set; }

    private ReadEventsRequest Request => new()
    {
        Last = Last,
        After = After?.ToUniversalTime(),
        Before = Before?.ToUniversalTime(),
        Sources = Source,
        Actions = Action,
    };

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Follow && (First is not null || Before is not null))
        {
            ThrowTerminatingError(ErrorRecords.From(new InvalidRequestException(
                ErrorIds.ConflictingParameters,
                $"-Follow has no end, and -{(First is null ? "Before" : "First")} has one",
                "omit one of them; for the first of what comes: Get-VgpuEvent -Follow | Select-Object -First 5",
                nameof(Follow))));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Follow)
        {
            // All that is piped in is followed together.
            _vms.UnionWith(VmId ?? []);
            _sessions.UnionWith(Session ?? []);
            return;
        }

        var request = Request;
        Run(async (sink, token) =>
        {
            var requests = await ForAsync(sink, request, HostSessions.ForReading(Session), VmId, token)
                .ConfigureAwait(false);
            var sessions = requests.Keys.ToList();
            var found = sessions.ToDictionary(s => s, _ => new List<VgpuEventInfo>());
            await ReadingRunner.ForEachAsync(
                sink, sessions,
                async (session, cancellationToken) =>
                {
                    var result = await session.RunAsync(
                        HostUseCases.ReadEvents, requests[session], new SinkObserver(sink, session.Name),
                        cancellationToken)
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

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Follow || (MyInvocation.ExpectingInput && _vms.Count + _sessions.Count == 0))
        {
            return;
        }

        var request = Request with { Last = Last ?? (After is null ? 0 : null) };
        Run(async (sink, token) =>
        {
            var requests = await ForAsync(
                sink, request, HostSessions.ForReading(_sessions.Count > 0 ? [.. _sessions] : null),
                _vms.Count > 0 ? [.. _vms] : null, token).ConfigureAwait(false);
            if (requests.Count > 0)
            {
                await new EventFollower(sink, session => requests[session], Select)
                    .RunAsync([.. requests.Keys], token).ConfigureAwait(false);
            }
        });
    }

    /// <summary>What is asked of each host; hosts that have none of the VMs are left out.</summary>
    private static async Task<OrderedDictionary<IHostSession, ReadEventsRequest>> ForAsync(
        ICommandSink sink, ReadEventsRequest request, IReadOnlyList<IHostSession> sessions, string[]? vms,
        CancellationToken cancellationToken)
    {
        var found = vms is null ? null : await VmNumbers.FindAsync(
            sink, [.. sessions.Select(s => (s, (IReadOnlyList<string>)vms))], mayBeGone: true, cancellationToken)
            .ConfigureAwait(false);
        var requests = new OrderedDictionary<IHostSession, ReadEventsRequest>();
        foreach (var (index, session) in sessions.Index().Where(s => found is null || found[s.Index].Count > 0))
        {
            requests[session] = request with { VmIds = found?[index] };
        }

        return requests;
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
