using VgpuPS.Core.Guests;
using VgpuPS.Core.Performance;
using VgpuPS.Host.Operations.Performance;

namespace VgpuPS.Commands;

/// <summary>
/// Measures what the vGPUs of running VMs deliver: copies over PCI Express and within the GPU's memory, small and large
/// matrix products in TF32; each vGPU alone (Idle) and all that are named at once (Loaded). It brings vgpu-bench into
/// the guests, which must be Linux with the vGPU driver and a licence, starts it in all of them at one moment, counts
/// the time in which all worked, and removes it. Each result is written as soon as it is known; several hosts measure
/// side by side, and their results come host by host. VMs of the pipe and of wildcards that do not run, have no vGPU or
/// are templates are passed over, with a warning that names them; a VM that is named is an error then.
/// </summary>
/// <example>
/// <code>
/// Enable-Sriov 0
/// Add-VmVgpu 101, 102 A30-6C
/// Start-LabVm 101, 102
/// New-LabToken ./lab.tok
/// Set-GridLicense 101, 102 -TokenPath ./lab.tok
/// Measure-VgpuPerformance 101, 102 -Workload DeviceMemory -Confirm:$false
/// </code>
/// <para>Measures the memory bandwidth of two vGPUs that share a GPU, each alone and both at once.</para>
/// </example>
/// <example>
/// <code>
/// Enable-Sriov 0
/// Add-VmVgpu 101, 102 A30-6C
/// Start-LabVm 101, 102
/// New-LabToken ./lab.tok
/// Set-GridLicense 101, 102 -TokenPath ./lab.tok
/// Measure-VgpuPerformance 101, 102 -WhatIf
/// </code>
/// <para>Shows what would be measured, and in which guests.</para>
/// </example>
/// <seealso cref="SetGridLicenseCommand"/>
/// <seealso cref="GetVgpuCommand"/>
/// <seealso cref="GetVgpuMetricCommand"/>
[Cmdlet(VerbsDiagnostic.Measure, "VgpuPerformance", SupportsShouldProcess = true, HelpUri = HelpPages.Measuring)]
[OutputType(typeof(VgpuPerformanceInfo))]
public sealed class MeasureVgpuPerformanceCommand : VmCommand
{
    private readonly List<(IReadOnlyList<string>? Session, string Vm)> _vms = [];
    private bool _isPiped;

    /// <summary>What is measured: HostToDevice, DeviceToHost, DeviceMemory, SmallGemm, LargeGemm or TensorLoop; all but
    /// the last without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(WorkloadCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Workload { get; set; } = [];

    /// <summary>Idle measures each vGPU while the others rest, Loaded all of them at once. Both where several VMs of a
    /// GPU are named, else Idle, without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public LoadMode[] Mode { get; set; } = [];

    /// <summary>Builtin brings vgpu-bench into the guests; Cuda uses bandwidthTest, nvbandwidth and cutlass_profiler,
    /// which the guests must have. Builtin without it.</summary>
    [Parameter]
    public MeasurementTool Tool { get; set; }

    /// <summary>How long each measurement takes at least, in seconds, 1 to 600; 10 without it. CUDA's own programs
    /// decide that themselves.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public int Seconds { get; set; } = 10;

    /// <summary>How often each measurement is done; its samples become one row. 1 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public int Repeat { get; set; } = 1;

    /// <summary>How guests are reached: Agent or Ssh. Without it the guest agent, or SSH where -GuestAddress is
    /// given.</summary>
    [Parameter]
    public GuestVia? Via { get; set; }

    /// <summary>Where SSH finds the guest of the only VM, as ssh on the host takes it: root@10.0.0.5. The VM's name
    /// without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? GuestAddress { get; set; }

    /// <summary>
    /// User of the guests and password, for SSH; a key of the host's root without it. It travels to the host in the
    /// session and is tried once.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [Credential]
    [ValidateNotNull]
    public PSCredential? GuestCredential { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() =>
        _isPiped = !MyInvocation.BoundParameters.ContainsKey(nameof(VmId));

    /// <inheritdoc/>
    protected override void ProcessRecord() => _vms.AddRange(VmId.Select(vm => ((IReadOnlyList<string>?)Session, vm)));

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(async (sink, token) =>
    {
        // All VMs of a GPU work at once, so that all of them must be known.
        var named = await FindAsync(sink, token).ConfigureAwait(false);
        var planned = new MeasurementPlans([
            .. await Task.WhenAll(named.Select(n => Task.Run(
                () => PlanAsync(sink, n.Session, n.Vms, token), token))).ConfigureAwait(false)]);
        planned.WriteRefused(sink, vm => _isPiped || named.Any(n => n.Wild.Contains(vm)));
        var agreed = new List<MeasurementOfHost>();
        foreach (var host in planned.Measurable)
        {
            if (await sink.ConfirmAsync(host.Result!.Plan).ConfigureAwait(false))
            {
                agreed.Add(host);
            }
        }

        await Turns.ForEachAsync(
            sink, agreed, ReadingRunner.ThrottleLimit, isLive: true,
            (host, turn, stop) => ((ICommandSink)turn).TryAsync(
                () => ExecuteAsync(turn, host, agreed.Count > 1, stop)), token).ConfigureAwait(false);
    });

    /// <summary>The hosts with the VMs that are meant there, and which of these by a wildcard.</summary>
    private async Task<List<(IHostSession Session, List<string> Vms, HashSet<string> Wild)>> FindAsync(
        ICommandSink sink, CancellationToken cancellationToken)
    {
        var found = new List<(IHostSession Session, List<string> Vms, HashSet<string> Wild)>();
        var groups = _vms.GroupBy(v => v.Session is null ? null : string.Join('\n', v.Session)).ToList();
        foreach (var group in groups)
        {
            await (groups.Count == 1 ? AddAsync() : sink.TryAsync(AddAsync)).ConfigureAwait(false);

            async Task AddAsync()
            {
                var (names, words) = (group.First().Session, group.Select(v => v.Vm).ToList());
                var vms = await VmSessions.ExpandAsync(sink, names, words, false, true, cancellationToken)
                    .ConfigureAwait(false);
                foreach (var (session, own) in vms.Length == 0 ? []
                    : await VmSessions.GroupAsync(sink, names, vms, cancellationToken).ConfigureAwait(false))
                {
                    if (!found.Exists(f => f.Session == session))
                    {
                        found.Add((session, [], []));
                    }

                    var (_, all, wild) = found.Find(f => f.Session == session);
                    all.AddRange(own);
                    wild.UnionWith(own.Except(words.Select(w => w.Trim())));
                }
            }
        }

        return found;
    }

    private async Task<MeasurementOfHost> PlanAsync(
        ICommandSink sink, IHostSession session, IReadOnlyList<string> vms, CancellationToken cancellationToken)
    {
        var file = BenchFile.Find();
        var request = new MeasurePerformanceRequest
        {
            Source = CommandName,
            Vms = vms,
            Workloads = Workload,
            Modes = Mode,
            Tool = Tool,
            Seconds = Seconds,
            Repeat = Repeat,
            Path = session is LocalHostSession && file is not null ? file.Path : "",
            Offers = file is null || session is LocalHostSession ? [] : [file.Offer],
            Via = Via,
            GuestAddress = GuestAddress,
            GuestLogin = Credentials.ToGuestLogin(GuestCredential),
        };
        try
        {
            return new MeasurementOfHost(session, request, file, await session.RunAsync(
                HostUseCases.MeasurePerformance, (MeasurePerformanceRequest)(request with { IsPlanOnly = true }),
                new SinkObserver(sink, CommandName), cancellationToken).ConfigureAwait(false), null);
        }
        catch (VgpuException failure)
        {
            return new MeasurementOfHost(session, request, file, null, failure);
        }
    }

    private async Task ExecuteAsync(
        ICommandSink sink, MeasurementOfHost host, bool isOneOfSeveral, CancellationToken cancellationToken)
    {
        var (session, planned) = (host.Session, host.Result!);
        ChangeRequest asked = host.Request with
        {
            Vms = planned.Vms,
            Confirmed = planned.Plan,
            Known = [.. planned.Refused.Select(MeasurePerformanceResult.KeyOf)],
        };
        var upload = planned.Upload is { } name && host.Program is { } file
            ? new FileUploads([file.ToDriverFile()], CommandName).Take(session, name) : null;
        try
        {
            if (upload is not null)
            {
                asked = ((FileChangeRequest)asked).WithFile(
                    await upload.GetPathAsync(sink, cancellationToken).ConfigureAwait(false));
            }

            var activity = $"{CommandName}{(isOneOfSeveral ? $" on {session.Name}" : "")}: {planned.Plan.Target}";
            await session.RunAsync(
                HostUseCases.MeasurePerformance, (MeasurePerformanceRequest)asked,
                new MeasurementSink(sink, activity, session), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (upload is not null)
            {
                await upload.EndAsync(sink).ConfigureAwait(false);
            }
        }
    }
}
