using VgpuPS.Core.Guests;
using VgpuPS.Core.Performance;
using VgpuPS.Host.Operations.Performance;

namespace VgpuPS.Commands;

/// <summary>
/// Measures what the vGPUs of running VMs deliver: copies over PCI Express and within the GPU's memory, small and large
/// matrix products in TF32; each vGPU alone (Idle) and all that are named at once (Loaded). It brings vgpu-bench into
/// the guests, which must be Linux with the vGPU driver and a licence, starts it in all of them at one moment, counts
/// the time in which all worked, and removes it. Each result is written as soon as it is known.
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
    protected override void ProcessRecord() => _vms.AddRange(VmId.Select(vm => ((IReadOnlyList<string>?)Session, vm)));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // All VMs of a GPU work at once, so that all of them must be known.
        foreach (var group in _vms.GroupBy(v => v.Session is null ? null : string.Join('\n', v.Session)).ToList())
        {
            var names = group.First().Session;
            Run(async (sink, token) =>
            {
                var vms = await VmSessions.ExpandAsync(sink, names, [.. group.Select(v => v.Vm)], false, token)
                    .ConfigureAwait(false);
                if (vms.Length == 0)
                {
                    return;
                }

                foreach (var (session, own) in await VmSessions.GroupAsync(sink, names, vms, token)
                    .ConfigureAwait(false))
                {
                    await sink.TryAsync(() => MeasureAsync(sink, session, own, token)).ConfigureAwait(false);
                }
            });
        }
    }

    private async Task MeasureAsync(
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
        var planned = await session.RunAsync(
            HostUseCases.MeasurePerformance, (MeasurePerformanceRequest)(request with { IsPlanOnly = true }),
            new SinkObserver(sink, CommandName), cancellationToken).ConfigureAwait(false);
        foreach (var problem in planned.Refused)
        {
            sink.WriteFailure(problem.ToException(MeasurementSink.NameOf(session)));
        }

        if (planned.Vms.Count == 0 || !await sink.ConfirmAsync(planned.Plan).ConfigureAwait(false))
        {
            return;
        }

        await ExecuteAsync(sink, session, request, planned, file, cancellationToken).ConfigureAwait(false);
    }

    private async Task ExecuteAsync(
        ICommandSink sink, IHostSession session, MeasurePerformanceRequest request, MeasurePerformanceResult planned,
        BenchFile? file, CancellationToken cancellationToken)
    {
        ChangeRequest asked = request with
        {
            Vms = planned.Vms,
            Confirmed = planned.Plan,
            Known = [.. planned.Refused.Select(MeasurePerformanceResult.KeyOf)],
        };
        var upload = planned.Upload is { } name && file is not null
            ? new FileUploads([file.ToDriverFile()], CommandName).Take(session, name) : null;
        try
        {
            if (upload is not null)
            {
                asked = ((FileChangeRequest)asked).WithFile(
                    await upload.GetPathAsync(sink, cancellationToken).ConfigureAwait(false));
            }

            await session.RunAsync(
                HostUseCases.MeasurePerformance, (MeasurePerformanceRequest)asked,
                new MeasurementSink(sink, $"{CommandName}: {planned.Plan.Target}", session), cancellationToken)
                .ConfigureAwait(false);
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

/// <summary>The <c>vgpu-bench</c> that the module brings.</summary>
/// <param name="Path">Where it lies here.</param>
/// <param name="Offer">What a host learns of it.</param>
internal sealed record BenchFile(string Path, OfferedFile Offer)
{
    private const string Name = "vgpu-bench";

    /// <summary>Finds it beside the module's assembly; null where a build has none.</summary>
    public static BenchFile? Find()
    {
        var file = new FileInfo(System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(typeof(BenchFile).Assembly.Location)!, Name));
        return file.Exists ? new BenchFile(file.FullName, new OfferedFile(Name, file.Length, "")) : null;
    }

    /// <summary>The file, to be uploaded.</summary>
    public DriverFile ToDriverFile() => new(Offer, () => File.OpenRead(Path), IsInZip: false);
}
