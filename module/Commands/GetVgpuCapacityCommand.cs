using System.Collections.Concurrent;
using VgpuPS.Host.Operations.Capacity;

namespace VgpuPS.Commands;

/// <summary>Shows how many more vGPUs GPUs, hosts or all hosts take: now, and once every configured VM has
/// started.</summary>
/// <remarks>
/// Functions, the type's maximum, the size on a GPU, slices and their places are limits of their own, and what the next
/// vGPU would lack is named. A time-sliced GPU has one size: of "4 x A30-6C or 2 x A30-12C" the first VM decides. What
/// is starting counts as started.
/// </remarks>
/// <example>
/// <code>Enable-Sriov 0,1; Get-VgpuCapacity</code>
/// <para>Shows what fits on each GPU, one or the other.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0,1; Add-VmVgpu 101,102 A30-12C; Get-VgpuCapacity -Type A30-12C -By Host</code>
/// <para>Shows how many more of a type the host takes, now and beside VMs 101 and 102.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Get-VgpuCapacity -Type A30-6C -VmMemory 64GB -VmCpu 8</code>
/// <para>Counts the host's memory too: VFIO pins all of a VM's memory.</para>
/// </example>
/// <example>
/// <code>
/// $null = Connect-VgpuHost -Lab A30,A30 -Name pve2
/// Enable-Sriov 0,1 -Session *
/// Add-VmVgpu 101 A30-6C -Session pve2
/// Get-VgpuCapacity -WithoutHost pve2
/// </code>
/// <para>Shows where the VMs of pve2 would start if it were gone. They have to have mappings for that, unless the other
/// hosts have their functions at the same addresses.</para>
/// </example>
/// <seealso cref="FindVgpuPlacementCommand"/>
/// <seealso cref="GetMigProfileCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuCapacity", DefaultParameterSetName = CountSet, HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuCapacityInfo), typeof(VmRelocationInfo))]
public sealed class GetVgpuCapacityCommand : SessionCommand
{
    private const string CountSet = "Count";
    private const string WithoutSet = "Without";

    private readonly List<(IReadOnlyList<IHostSession> Sessions, string[]? Gpus)> _asked = [];

    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards. All without it.</summary>
    [Parameter(ParameterSetName = CountSet, Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [Identity("GpuUuid")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    /// <summary>Type by name (A30-2-12C), number or nvidia-N. Where neither type, profile nor memory is given, one type
    /// of each size is counted.</summary>
    [Parameter(ParameterSetName = CountSet, Position = 1)]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Type { get; set; }

    /// <summary>GPU instance profile (2g.12gb): the type of that profile that fills an instance.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Profile { get; set; }

    /// <summary>Least frame buffer, such as 12GB: the smallest type that has it.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ArgumentCompleter(typeof(MemoryCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Memory { get; set; }

    /// <summary>What is added up: each GPU, each host, or all hosts (Cluster). Gpu without it.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ValidateSet("Gpu", "Host", "Cluster")]
    public string By { get; set; } = "Gpu";

    /// <summary>Cluster mapping: only the functions that it has on each host count.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ArgumentCompleter(typeof(MappingCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Mapping { get; set; }

    /// <summary>Memory of each new VM, such as 16GB; the host's memory is left aside without it.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ArgumentCompleter(typeof(MemoryCompleter))]
    [ValidateNotNullOrEmpty]
    public string? VmMemory { get; set; }

    /// <summary>CPUs of each new VM; left aside without it.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 8192)]
    public int? VmCpu { get; set; }

    /// <summary>
    /// A host, by session or, where it is down, by its node's name in the cluster: shows for each of its VMs with vGPUs
    /// on which of the other hosts it would start, those that run first.
    /// </summary>
    [Parameter(ParameterSetName = WithoutSet, Mandatory = true)]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public string WithoutHost { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == WithoutSet)
        {
            Run((sink, token) => new Relocation(sink, Session).RunAsync(WithoutHost, token));
            return;
        }

        Run((sink, token) =>
        {
            var sessions = HostSessions.ForReading(Session);
            if (By == "Gpu")
            {
                return CountAsync(sink, sessions, Gpu, (_, r) => r.Gpus, token);
            }

            _asked.Add((sessions, Gpu));
            return Task.CompletedTask;
        });
    }

    /// <summary>What is added up is known once all GPUs have come down the pipe.</summary>
    protected override void EndProcessing()
    {
        if (_asked.Count > 0)
        {
            Run(async (sink, token) =>
            {
                var rows = new ConcurrentDictionary<IHostSession, IReadOnlyList<VgpuCapacityInfo>>();
                var sessions = _asked.SelectMany(a => a.Sessions).Distinct().ToList();
                foreach (var group in sessions.GroupBy(GpusOf))
                {
                    await CountAsync(
                        sink, [.. group], group.Key.Length == 0 ? null : group.Key.Split('\n'), (session, report) =>
                        {
                            rows[session] = report.Host;
                            return By == "Host" ? report.Host : [];
                        },
                        token).ConfigureAwait(false);
                }

                var all = sessions.SelectMany(s => rows.GetValueOrDefault(s, []));
                foreach (var sum in By == "Cluster" ? CapacitySum.Of(all, "Cluster", "*") : [])
                {
                    sink.WriteObject(sum);
                }
            });
        }

        base.EndProcessing();
    }

    /// <summary>GPUs that were named for a host, a line each; empty for all.</summary>
    private string GpusOf(IHostSession session)
    {
        var meant = _asked.Where(a => a.Sessions.Contains(session)).ToList();
        return meant.Exists(a => a.Gpus is null) ? "" : string.Join('\n', meant.SelectMany(a => a.Gpus!).Distinct());
    }

    /// <summary>Asks hosts; a GPU, type or mapping that one of them lacks is an error only where all lack it.</summary>
    private Task CountAsync(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions, string[]? gpus,
        Func<IHostSession, CapacityReport, IEnumerable<object>> select, CancellationToken cancellationToken)
    {
        var request = new ReadCapacityRequest
        {
            Type = Type,
            Profile = Profile,
            MemoryMiB = MemorySize.ToMiB(Memory),
            Gpus = gpus,
            Mapping = Mapping,
            VmMemoryMiB = MemorySize.ToMiB(VmMemory),
            VmCpus = VmCpu,
        };
        return sink.TryAsync(() => ReadingRunner.AskAsync(
            sink, sessions, HostUseCases.ReadCapacity, request, select, cancellationToken));
    }
}
