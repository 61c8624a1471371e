using VgpuPS.Core.Json;
using VgpuPS.Host;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.VmStart;
using VgpuPS.Host.Seams;

namespace VgpuPS.Hook;

/// <summary>The command line of <c>vgpu-hook</c>: Proxmox's two arguments, or a command of a user.</summary>
/// <param name="host">The host.</param>
/// <param name="processes">Runs chained scripts.</param>
/// <param name="text">What is said.</param>
/// <param name="migratedFrom">Proxmox's PVE_MIGRATED_FROM.</param>
/// <param name="chainedBy">Value of <see cref="ChainGuard.Variable"/>; null but below a chained script.</param>
/// <param name="own">Does the own part of the phases; null for this process.</param>
public sealed class HookCommands(
    HostPorts host, IProcessRunner processes, HookText text, string? migratedFrom, string? chainedBy = null,
    IPhaseWork? own = null)
{
    private const string UsageText = """
        usage: vgpu-hook VMID PHASE      what Proxmox calls: pre-start, post-start, pre-stop, post-stop
               vgpu-hook show [--json]   state of the GPUs: instances, functions, vGPU types
               vgpu-hook plan VMID       what a start of the VM would do now; changes nothing
               vgpu-hook boot [--timeout SECONDS]
                                         waits for driver and services, applies the layout to the GPUs, sweeps
               vgpu-hook doctor [--json] [CHECK...]
                                         checks the host and recommends actions; changes nothing
               vgpu-hook doctor --record checks the host, and keeps the result for the metrics
               vgpu-hook metrics [--textfile PATH | --http]
                                         measures the host and prints it as Prometheus reads it, writes it whole for
                                         node_exporter, or answers a request on a connection that systemd accepted
               vgpu-hook sweep           releases orphaned objects of VMs that neither run nor start
               vgpu-hook agent           the remote end of a PowerShell session, started by Connect-VgpuHost
               vgpu-hook --version | --help
        """;

    private static readonly string[] s_commands = ["show", "boot", "sweep", "agent"];

    /// <summary>Runs a command line; every failure is reported in two lines.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var isPhase = arguments.Count == 2 && VmId.TryParse(arguments[0], out _);
        var context = isPhase ? $"VM {arguments[0]} {arguments[1]}" : string.Join(' ', arguments);
        try
        {
            return arguments switch
            {
                [] => Usage(),
                ["--help" or "-h" or "help"] or [_, "--help" or "-h"] => Help(),
                ["--version"] => Say(ProgramVersion.Own),
                ["show"] => Show(isJson: false),
                ["show", "--json"] => Show(isJson: true),
                ["sweep"] => await SweepAsync(cancellationToken).ConfigureAwait(false),
                ["doctor", ..] =>
                    await new DoctorCommand(host, text).RunAsync(
                        [.. arguments.Skip(1)], cancellationToken).ConfigureAwait(false),
                [MetricsCommand.Name, ..] =>
                    await new MetricsCommand(host, text).RunAsync(
                        [.. arguments.Skip(1)], cancellationToken).ConfigureAwait(false),
                ["boot", ..] =>
                    await new BootCommand(host, text).RunAsync(
                        [.. arguments.Skip(1)], cancellationToken).ConfigureAwait(false),
                ["plan", var vm] when VmId.TryParse(vm, out var id) => Plan(id),
                [var vm, var phase] when VmId.TryParse(vm, out var id) =>
                    await RunPhaseAsync(id, phase, cancellationToken).ConfigureAwait(false),
                _ => throw NotUnderstood([.. arguments]),
            };
        }
        catch (Exception e)
        {
            return text.Fail(context, e, isPhase ? Again(arguments[0], arguments[1]) : "run it again: "
                + $"vgpu-hook {context}");
        }
    }

    /// <summary>A failure of the own part is counted there; others are here.</summary>
    private async Task<int> RunPhaseAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        var phases = new VmPhases(
            host, processes, text, own ?? new PhaseWork(host, text, migratedFrom), new ChainGuard(host, chainedBy));
        try
        {
            return await phases.RunAsync(vm, phase, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await host.Counters.CountAsync(phase, PhaseWork.ErrorIdOf(e), isNewRun: !phases.IsOwnPartOver)
                .ConfigureAwait(false);
            throw;
        }
    }

    private int Say(string line)
    {
        text.Say(line);
        return 0;
    }

    private int Usage()
    {
        text.Relay("", UsageText + Environment.NewLine);
        return HookText.Usage;
    }

    private int Help()
    {
        text.Relay(UsageText + Environment.NewLine, "");
        return 0;
    }

    private static InvalidRequestException NotUnderstood(string[] arguments) => new(
        ErrorIds.InvalidRequest,
        arguments switch
        {
            ["plan", .. var rest] => "plan takes the id of one VM (100 to 999999999)"
                + (rest.Length > 0 ? $", not '{string.Join(' ', rest)}'" : ""),
            [var command, .. var rest] when rest.Length > 0 && s_commands.Contains(command) =>
                $"{command} does not take '{string.Join(' ', rest)}'",
            [var vm] when VmId.TryParse(vm, out _) => $"VM {vm} is named without a phase",
            [_, _] =>
                $"'{string.Join(' ', arguments)}' is neither a VM id (100 to 999999999) with a phase nor a command",
            _ => $"'{string.Join(' ', arguments)}' is not a command",
        },
        "see what there is: vgpu-hook --help");

    /// <summary>What a stopped start leaves is rolled back; what a stopped stop leaves is the sweep's.</summary>
    internal static string Again(string vm, string phase) =>
        phase == "pre-start" ? $"start the VM again: qm start {vm}" : "finish it: vgpu-hook sweep";

    private async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var reporting = host with { Events = new NotifyingEventLog(host.Events, text.Report) };
        var result = await new SweepHost(reporting).RunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var vm in result.ReleasedVms)
        {
            text.Say($"released what VM {vm} left behind");
        }

        if (result.RemovedInstances > 0)
        {
            text.Say($"removed {result.RemovedInstances} idle instances; {result.RemainingInstances} remain");
        }

        return 0;
    }

    private int Show(bool isJson)
    {
        var report = new ReadHost(host).Run(new ReadHostRequest());
        if (isJson)
        {
            // Several lines, and nothing but ASCII: what else a text has is an escape.
            text.Relay(
                JsonOutput.Write(report, HostReportJsonContext.Default.HostReport) + Environment.NewLine, "");
        }
        else
        {
            foreach (var line in HostReportText.Lines(report))
            {
                text.Say(line.ToString());
            }
        }

        return report.Problems.Select(p => text.Fail("show", p.ToException(""), "")).ToList().FirstOrDefault();
    }

    private int Plan(VmId vm)
    {
        var plan = new PlanVmStart(host).Run(new PlanVmStartRequest(vm));
        if (!plan.HasVgpu)
        {
            return Say($"VM {vm} requests no vGPU");
        }

        foreach (var step in plan.Steps)
        {
            text.Say($"would {step}");
        }

        if (!plan.IsComplete)
        {
            text.Say("would then read the state again, and create what is missing on the functions that exist then");
        }

        return 0;
    }
}
