using VgpuPS.Core.Gpu;
using VgpuPS.LabHook;

namespace VgpuPS.Changing;

/// <summary>Base of commands that run a task of Proxmox on a simulated host.</summary>
public abstract class LabVmCommand : VmCommand
{
    /// <summary>Writes the VM's vGPUs as they were read back.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var passThru = (bool)PassThru;
        Run(async (sink, token) =>
        {
            foreach (var session in HostSessions.ForChanging(Session))
            {
                if (!IsLab(session))
                {
                    throw NotALab(session);
                }

                foreach (var name in await VmSessions.ExpandAsync(sink, [session.Name], VmId, false, true, token)
                    .ConfigureAwait(false))
                {
                    await sink.TryAsync(() => RunAsync(sink, session, name, passThru, token)).ConfigureAwait(false);
                }
            }
        });
    }

    /// <summary>What is done to a VM, for display.</summary>
    private protected abstract string Describe(VmId vm);

    /// <summary>The task.</summary>
    private protected abstract UseCase<LabVmRequest, LabVmResult> Action { get; }

    private async Task RunAsync(
        ICommandSink sink, IHostSession session, string name, bool passThru, CancellationToken cancellationToken)
    {
        var report = await ReadingRunner.ReadAsync(
            sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken).ConfigureAwait(false);
        var vm = Vms.Find(report, name);
        if (!await sink.ConfirmAsync(new ChangePlan($"VM {vm}", [Describe(vm)], [])).ConfigureAwait(false))
        {
            return;
        }

        var result = await session.RunAsync(
            Action, new LabVmRequest(vm.Value), new SinkObserver(sink, session.Name),
            cancellationToken).ConfigureAwait(false);
        foreach (var line in result.Log)
        {
            sink.WriteVerbose(line);
        }

        if (result.Error is { } error)
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed,
                $"VM {vm}: {error}{string.Concat(result.Log.Select(l => $"\n{l}"))}",
                $"follow the hook's output above, or see the plan: Test-VmVgpu {vm}",
                $"qm start {vm}", null, string.Join('\n', result.Log), vm.ToString());
        }

        if (passThru)
        {
            report = await ReadingRunner.ReadAsync(sink, session, new ReadHostRequest(), cancellationToken)
                .ConfigureAwait(false);
            foreach (var vgpu in report.Gpus.SelectMany(report.VgpusOf).Where(v => v.VmId == vm.Value))
            {
                sink.WriteObject(vgpu);
            }
        }
    }

    private static bool IsLab(IHostSession session) => session is LabHostSession
        || (session is SshHostSession { Agent: var agent } && agent.UseCases.Contains(LabUseCases.StartVm.Name));

    private static InvalidRequestException NotALab(IHostSession session) => new(
        ErrorIds.NotALab, $"'{session.Name}' is not a simulated host",
        "start and stop VMs of real hosts with Start-VgpuVm and Stop-VgpuVm", session.Name);
}
