using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Commands;

/// <summary>Shows the compute instances within GPU instances.</summary>
/// <remarks>
/// A guest with a MIG-backed vGPU makes compute instances of its own within its GPU instance (nvidia-smi mig -cci);
/// they end with the VM, and whether the host's driver lists them is not known. -FromGuest asks the guests, through
/// their guest agents, and adds what they list; the column VMs says "in guest 101" of them.
/// </remarks>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// New-MigInstance 0 -Profile 2g.12gb -ComputeInstance 1c.2g.12gb,1c.2g.12gb
/// Get-MigInstance | Get-MigComputeInstance
/// </code>
/// <para>Shows the compute instances of each GPU instance.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// Enable-Sriov 0
/// New-MigInstance 0 -Profile 2g.12gb
/// Add-VmVgpu 101 -Type A30-2-12C
/// Start-LabVm 101
/// Get-MigComputeInstance -FromGuest
/// </code>
/// <para>Shows those of the host, and those that the guest of VM 101 lists.</para>
/// </example>
/// <seealso cref="GetMigInstanceCommand"/>
[Cmdlet(VerbsCommon.Get, "MigComputeInstance", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigComputeInstanceInfo))]
public sealed class GetMigComputeInstanceCommand : GpuReadingCommand
{
    /// <summary>GPU instances by id.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    public uint[]? GpuInstanceId { get; set; }

    /// <summary>Asks the guests of running VMs as well, through their guest agents.</summary>
    [Parameter]
    public SwitchParameter FromGuest { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        base.ProcessRecord();
        if (FromGuest)
        {
            Run((sink, token) => ReadingRunner.ForEachAsync(
                sink, HostSessions.ForReading(Session), (session, stop) => AskAsync(sink, session, stop), token));
        }
    }

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.ComputeInstancesOf(gpu).Where(c => IsMeant(c.GpuInstanceId));

    private protected override IEnumerable<VgpuException> FindMissing(HostReport report) =>
        FindMissingInstances(GpuInstanceId, report, MeantGpus(report));

    private bool IsMeant(uint instance) => GpuInstanceId is null || GpuInstanceId.Contains(instance);

    private async Task<IEnumerable<object>> AskAsync(
        ICommandSink sink, IHostSession session, CancellationToken cancellationToken)
    {
        var report = await ReadingRunner.ReadAsync(
            sink, session, new ReadHostRequest(), cancellationToken).ConfigureAwait(false);
        var meant = MeantGpus(report).ToList();
        List<object> rows = [];
        foreach (var vm in report.Vms.Select(v => v.Id))
        {
            // A guest numbers its GPUs in the order of their addresses there, which is that of the entries (assumed).
            List<(GpuInfo Gpu, VgpuInfo Vgpu)> own =
            [
                .. report.Gpus.SelectMany(g => report.VgpusOf(g).Select(v => (g, v)))
                    .Where(p => p.v is { IsRunning: true, GpuInstanceId: not null } && p.v.VmId == vm),
            ];
            if (own.Any(p => meant.Contains(p.Gpu) && IsMeant(p.Vgpu.GpuInstanceId!.Value)))
            {
                await sink.TryAsync(async () =>
                {
                    var answer = await session.RunAsync(
                        HostUseCases.ReadGuestInstances, new ReadGuestInstancesRequest { Vm = Number(vm) },
                        new SinkObserver(sink, session.Name), cancellationToken).ConfigureAwait(false);
                    rows.AddRange(answer.Instances.Where(i => i.Gpu < own.Count)
                        .Select(i => (own[i.Gpu].Gpu, Row: Describe(report, own[i.Gpu].Gpu, own[i.Gpu].Vgpu, i)))
                        .Where(p => meant.Contains(p.Gpu) && IsMeant(p.Row.GpuInstanceId)).Select(p => p.Row));
                }).ConfigureAwait(false);
            }
        }

        return rows;
    }

    private static MigComputeInstanceInfo Describe(
        HostReport report, GpuInfo gpu, VgpuInfo vgpu, GuestComputeInstance found)
    {
        var instance = report.InstancesOf(gpu).First(i => i.GpuInstanceId == vgpu.GpuInstanceId);
        var profile = report.ProfilesOf(gpu).FirstOrDefault(p => p.ProfileId == instance.ProfileId);
        return MigComputeInstanceInfo.OfGuest(
            instance, vgpu.VmId!.Value, (uint)found.Id, found.Profile, found.Slices,
            profile is { ComputeSlices: > 0 } ? profile.Multiprocessors * found.Slices / profile.ComputeSlices : 0);
    }
}
