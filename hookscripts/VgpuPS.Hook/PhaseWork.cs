using VgpuPS.Host;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Hook;

/// <summary>The hook's own part of Proxmox's phases.</summary>
public interface IPhaseWork
{
    /// <summary>Does a phase; a refusal is reported.</summary>
    /// <returns>The exit code.</returns>
    Task<int> RunAsync(VmId vm, string phase, CancellationToken cancellationToken);

    /// <summary>Rolls back what a start was given that will not come.</summary>
    Task UndoAsync(VmId vm);
}

/// <summary>Names of the phases, as Proxmox gives them.</summary>
/// <remarks>Source: facts/proxmox.md (a).</remarks>
internal static class Phases
{
    public const string PreStart = "pre-start";
    public const string PostStart = "post-start";
    public const string PreStop = "pre-stop";
    public const string PostStop = "post-stop";
}

/// <summary>The own part, done in this process.</summary>
/// <param name="host">The host.</param>
/// <param name="text">What is said.</param>
/// <param name="migratedFrom">Proxmox's PVE_MIGRATED_FROM.</param>
internal sealed class PhaseWork(HostPorts host, HookText text, string? migratedFrom) : IPhaseWork
{
    public async Task<int> RunAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(vm, phase, cancellationToken).ConfigureAwait(false);
            return 0;
        }
        catch (VgpuException e)
        {
            return text.Fail($"VM {vm} {phase}", e, "");
        }
    }

    public Task UndoAsync(VmId vm) =>
        new ReleaseVm(host).RunAsync(new ReleaseVmRequest(vm, IsUndo: true), CancellationToken.None);

    private async Task ExecuteAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        switch (phase)
        {
            case Phases.PreStart:
                await new PrepareVmStart(host, steps => Report(vm, steps))
                    .RunAsync(new PrepareVmStartRequest(vm, migratedFrom), cancellationToken).ConfigureAwait(false);
                break;
            case Phases.PostStart:
                await new ConfirmVmStart(host).RunAsync(new ConfirmVmStartRequest(vm), cancellationToken)
                    .ConfigureAwait(false);
                break;
            case Phases.PostStop:
                var reporting = host with
                {
                    Events = new NotifyingEventLog(host.Events, t => text.Report($"vgpu-hook: VM {vm}: {t}"))
                };
                var result = await new ReleaseVm(reporting).RunAsync(new ReleaseVmRequest(vm), cancellationToken)
                    .ConfigureAwait(false);
                if (result is ReleaseVmResult.StillRunning)
                {
                    text.Say($"vgpu-hook: VM {vm}: runs again; nothing is released");
                }

                break;
            case Phases.PreStop:
                // Removing a function here would break Proxmox's own clean-up (facts/proxmox.md (a)).
                break;
            default:
                text.Say($"vgpu-hook: VM {vm}: nothing to do in phase {phase}");
                break;
        }
    }

    private void Report(VmId vm, IReadOnlyList<string> steps)
    {
        foreach (var step in steps)
        {
            text.Say($"vgpu-hook: VM {vm}: {step}");
        }

        text.RequireWritten();
    }
}
