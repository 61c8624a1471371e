using System.Collections.Concurrent;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Metrics;
using VgpuPS.Host.Operations;
using VgpuPS.Host.Operations.Metrics;

namespace VgpuPS.Commands;

/// <summary>
/// Measures the connected hosts: load, memory, power, temperature, clocks and errors of GPUs, load of GPU instances,
/// load, frame buffer, encoding and licence of each VM's vGPU, claims, and what the boot service did. One object a
/// value and subject, as vgpu-hook metrics gives them to Prometheus. What a GPU does not report in its present mode is
/// not written; -Unavailable shows it with the reason.
/// </summary>
/// <example>
/// <code>
/// Enable-Sriov 0
/// Add-VmVgpu 101 A30-6C
/// Start-LabVm 101
/// Get-VgpuMetric vgpu_sm*, vgpu_framebuffer* -VmId 101
/// </code>
/// <para>Shows load and frame buffer of a VM.</para>
/// </example>
/// <example>
/// <code>Get-VgpuMetric gpu_power_watts, gpu_temperature* -SampleInterval 0.5 -MaxSamples 3</code>
/// <para>Shows power and temperature of all GPUs, three times in a second.</para>
/// </example>
/// <example>
/// <code>Enable-MigMode 0 -Reset; Get-VgpuMetric *utilization* -Gpu 0 -Unavailable</code>
/// <para>Shows why a GPU has no load with MIG mode on.</para>
/// </example>
/// <seealso cref="GetVgpuCommand"/>
/// <seealso cref="GetGpuCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuMetric", DefaultParameterSetName = CountSet, HelpUri = HelpPages.Metrics)]
[OutputType(typeof(VgpuMetricInfo))]
public sealed class GetVgpuMetricCommand : SessionCommand
{
    private const string CountSet = "Count";
    private const string ContinuousSet = "Continuous";
    private const string Prefix = "vgpups_";

    // What is needed to find GPUs, and to say what could not be read.
    private static readonly string[] s_always =
    [
        GpuMetrics.Info.Name, GpuMetrics.Up.Name, GpuMetrics.Functions.Name, HostMetrics.Skipped.Name,
        HostMetrics.Failed.Name,
    ];

    private readonly List<MetricWish> _wishes = [];

    /// <summary>Names of metrics, with or without vgpups_, wildcards allowed; all without it.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(MetricCompleter))]
    [SupportsWildcards]
    [Alias("Metric")]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only what is of these GPUs: by index, UUID, address in any form, or model with wildcards.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [Identity("GpuUuid")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [AllowNull]
    public string[]? Gpu { get; set; }

    /// <summary>Only what is of these VMs, by id or name, wildcards in either.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [AllowNull]
    public string?[]? VmId { get; set; }

    /// <summary>Only what is of these GPU instances, by id.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    [AllowNull]
    public uint?[]? GpuInstanceId { get; set; }

    /// <summary>Also what a GPU does not report, without a value and with the reason.</summary>
    [Parameter]
    public SwitchParameter Unavailable { get; set; }

    /// <summary>Measures again and again, until Ctrl+C or until a command behind it wants no more.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ContinuousSet)]
    public SwitchParameter Continuous { get; set; }

    /// <summary>How often to measure; 1 without it.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int MaxSamples { get; set; } = 1;

    /// <summary>Seconds from one measurement to the next; 1 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(0.1, 86400.0)]
    public double SampleInterval { get; set; } = 1;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _wishes.Add(new MetricWish(
        Session, Gpu is { Length: > 0 } ? Gpu : null,
        VmId?.Where(v => !string.IsNullOrWhiteSpace(v)).Select(v => v!.Trim()).ToArray() is { Length: > 0 } vms
            ? vms : null,
        Present(GpuInstanceId)));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Run((sink, token) => MeasureAsync(sink, FindNames(sink), token));
        base.EndProcessing();
    }

    private static T[]? Present<T>(T?[]? values)
        where T : struct => values?.OfType<T>().ToArray() is { Length: > 0 } some ? some : null;

    /// <summary>Full names of what was asked for; a name that no metric has is an error.</summary>
    private HashSet<string>? FindNames(ICommandSink sink)
    {
        if (Name is null)
        {
            return null;
        }

        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(
                name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? name[Prefix.Length..] : name,
                WildcardOptions.IgnoreCase);
            var some = MetricTable.All.Select(f => f.Name)
                .Where(n => pattern.IsMatch(n[Prefix.Length..]) || pattern.IsMatch(n)).ToList();
            found.UnionWith(some);
            if (some.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                sink.WriteFailure(new ObjectNotFoundException(
                    ErrorIds.MetricNotFound, $"there is no metric {name}", "see the metrics: Get-VgpuMetric *", name));
            }
        }

        return found;
    }

    private async Task MeasureAsync(ICommandSink sink, HashSet<string>? names, CancellationToken token)
    {
        if (names is { Count: 0 })
        {
            return;
        }

        var hosts = await FindWishesAsync(sink, token).ConfigureAwait(false);
        var wait = TimeSpan.FromSeconds(SampleInterval);
        var failures = new HashSet<string>(StringComparer.Ordinal);
        for (var count = 0; Continuous || count < MaxSamples; count++)
        {
            if (count > 0)
            {
                await PauseAsync(hosts.Keys, wait, token).ConfigureAwait(false);
            }

            var missing = new ConcurrentQueue<(MetricWish Wish, VgpuException Failure)>();
            await ReadingRunner.ForEachAsync(
                sink, [.. hosts.Keys],
                async (session, cancel) => await MeasureAsync(
                    sink, session, hosts[session], names, (wish, failure) => missing.Enqueue((wish, failure)), cancel)
                    .ConfigureAwait(false),
                token).ConfigureAwait(false);

            // A GPU that another host has is not missing, and one that is is said once.
            foreach (var group in missing.GroupBy(m => (m.Wish, m.Failure.Target)).Where(
                g => g.Count() >= hosts.Values.Count(wishes => wishes.Exists(w => w.Wish == g.Key.Wish))
                    && failures.Add(g.Key.Target ?? "")))
            {
                sink.WriteFailure(group.First().Failure);
            }
        }
    }

    /// <summary>What is wanted of each host, with the numbers of the VMs there.</summary>
    private async Task<OrderedDictionary<IHostSession, List<(MetricWish Wish, IReadOnlyList<int>? VmIds)>>>
        FindWishesAsync(ICommandSink sink, CancellationToken token)
    {
        var wishes = _wishes.SelectMany(w => HostSessions.ForReading(w.Session).Select(s => (Session: s, Wish: w)))
            .ToList();
        var named = wishes.Where(w => w.Wish.Vms is not null).ToList();
        var numbers = new Queue<IReadOnlyList<int>>(await VmNumbers.FindAsync(
            sink, [.. named.Select(w => (w.Session, w.Wish.Vms!))], mayBeGone: false, token).ConfigureAwait(false));
        var hosts = new OrderedDictionary<IHostSession, List<(MetricWish Wish, IReadOnlyList<int>? VmIds)>>();
        foreach (var (session, wish) in wishes)
        {
            var vms = wish.Vms is null ? null : numbers.Dequeue();
            if (vms is { Count: 0 })
            {
                continue;
            }

            hosts.TryAdd(session, []);
            hosts[session].Add((wish, vms));
        }

        return hosts;
    }

    /// <summary>On a simulated host time passes only where somebody lets it.</summary>
    private static async Task PauseAsync(
        IEnumerable<IHostSession> sessions, TimeSpan time, CancellationToken token)
    {
        await Task.Delay(time, TimeProvider.System, token).ConfigureAwait(false);
        foreach (var lab in sessions.OfType<LabHostSession>())
        {
            lab.Host.Clock.Advance(time);
        }
    }

    private async Task<IEnumerable<object>> MeasureAsync(
        ICommandSink sink, IHostSession session, IReadOnlyList<(MetricWish Wish, IReadOnlyList<int>? VmIds)> wishes,
        HashSet<string>? names, Action<MetricWish, VgpuException> fail, CancellationToken token)
    {
        var supported = HostMetrics.Supported.Name;
        var wanted = names?.ToList()
            ?? [.. MetricTable.All.Select(f => f.Name).Where(n => n != supported)];
        var report = await session.RunAsync(
            HostUseCases.ReadMetrics,
            new ReadMetricsRequest([.. wanted.Union(s_always), .. Unavailable ? [supported] : Array.Empty<string>()]),
            new SinkObserver(sink, session.Name), token).ConfigureAwait(false);
        Warn(sink, report, session.Name);
        var selected = wishes.Select(w => w.Wish.On(report, w.VmIds, failure => fail(w.Wish, failure))).ToList();
        var absent = Unavailable
            ? report.Samples.Where(s => s.Metric == supported && s.Value == 0)
                .Select(s => s.ToAbsent()).Where(s => wanted.Contains(s.Metric))
            : [];
        return report.Samples.Where(s => wanted.Contains(s.Metric)).Concat(absent)
            .Where(s => selected.Exists(isIt => isIt(s))).Select(s => s.InLocalTime());
    }

    private static void Warn(ICommandSink sink, MetricReport report, string host)
    {
        if (report.IsSkipped)
        {
            sink.WriteWarning(
                $"{host}: a VM start or another change holds the host lock, so that the driver was not asked; who it "
                    + "is: Get-VgpuHost");
        }

        foreach (var part in report.Samples.Where(s => s.Metric == HostMetrics.Failed.Name && s.Value > 0))
        {
            sink.WriteWarning($"{host}: a part could not be read: {part.Label("part")}; why: "
                + "Test-VgpuHost");
        }

        foreach (var gpu in report.Samples.Where(s => s.Metric == GpuMetrics.Up.Name && s.Value == 0))
        {
            sink.WriteWarning($"{host}: GPU {gpu.GpuAddress} does not answer; why: Get-Gpu");
        }
    }
}

/// <summary>What an object of the pipeline, or the command line, wants to see measured.</summary>
/// <param name="Session">Sessions; null for all.</param>
/// <param name="Gpu">GPUs; null for all, and for what is of none.</param>
/// <param name="Vms">VMs by id or name; null for all, and for what is of none.</param>
/// <param name="InstanceIds">GPU instances; null for all, and for what is of none.</param>
internal sealed record MetricWish(string[]? Session, string[]? Gpu, IReadOnlyList<string>? Vms, uint[]? InstanceIds)
{
    /// <summary>Whether a value of a host is one of them.</summary>
    /// <param name="report">The host.</param>
    /// <param name="vmIds">Numbers of the VMs there; null for all.</param>
    /// <param name="fail">Takes a GPU that the host does not have.</param>
    public Func<VgpuMetricInfo, bool> On(
        MetricReport report, IReadOnlyList<int>? vmIds, Action<VgpuException> fail)
    {
        var gpus = Gpu is null ? null : FindGpus(report, fail);
        return s => (gpus is null || (s.GpuAddress is { } gpu && gpus.Contains(gpu)))
            && (vmIds is null || (s.VmId is { } vm && vmIds.Contains(vm)))
            && (InstanceIds is null || (s.GpuInstanceId is { } id && InstanceIds.Contains(id)));
    }

    private HashSet<string> FindGpus(MetricReport report, Action<VgpuException> fail)
    {
        var there = report.Samples.Where(s => s.Metric == GpuMetrics.Functions.Name)
            .Select(s => s.GpuAddress).OfType<string>().ToList();
        var known = report.Samples.Where(s => s.Metric == GpuMetrics.Info.Name)
            .ToDictionary(s => s.GpuAddress ?? "", s => (s.GpuUuid ?? "", s.Label("model") ?? ""));
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Gpu!)
        {
            try
            {
                found.UnionWith(GpuSelector.Find(
                    there, name, g => PciAddress.Parse(g), g => known.GetValueOrDefault(g, ("", ""))));
            }
            catch (ObjectNotFoundException failure)
            {
                // While the driver is not asked only addresses are known.
                if (!report.IsSkipped)
                {
                    fail(failure);
                }
            }
        }

        return found;
    }
}
