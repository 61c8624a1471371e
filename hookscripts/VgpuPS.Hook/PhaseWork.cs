using VgpuPS.Core.Metrics;
using VgpuPS.Host;
using VgpuPS.Host.Operations.VmStart;
using VgpuPS.Host.State;

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
/// <param name="isWanted">Whether somebody still waits for the end of it, which is then counted; null for yes.</param>
internal sealed class PhaseWork(HostPorts host, HookText text, string? migratedFrom, Func<bool>? isWanted = null)
    : IPhaseWork
{
    private readonly UsedLock _lock = new(host.Lock);

    public async Task<int> RunAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(host with { Lock = _lock }, vm, phase, cancellationToken).ConfigureAwait(false);

            // A VM without vGPU takes no lock, and nothing is written for it.
            await CountAsync(phase, null, _lock.IsUsed).ConfigureAwait(false);
            return 0;
        }
        catch (VgpuException e)
        {
            var code = text.Fail($"VM {vm} {phase}", e, "");
            await CountAsync(phase, e.ErrorId, isCounted: true).ConfigureAwait(false);
            return code;
        }
    }

    public Task UndoAsync(VmId vm) =>
        new ReleaseVm(host).RunAsync(new ReleaseVmRequest(vm, IsUndo: true), CancellationToken.None);

    /// <summary>What a failure that is no error of ours is counted as.</summary>
    public static string ErrorIdOf(Exception failure) => failure switch
    {
        VgpuException known => known.ErrorId,
        OperationCanceledException => HookCounters.Stopped,
        _ => ErrorIds.ProgramFault,
    };

    private Task CountAsync(string phase, string? errorId, bool isCounted) =>
        isCounted && isWanted?.Invoke() != false ? host.Counters.CountAsync(phase, errorId) : Task.CompletedTask;

    private async Task ExecuteAsync(HostPorts host, VmId vm, string phase, CancellationToken cancellationToken)
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

    /// <summary>The host lock, and whether it was asked for.</summary>
    private sealed class UsedLock(IHostLock inner) : IHostLock
    {
        public bool IsUsed { get; private set; }

        public Task<IAsyncDisposable> AcquireAsync(string holder, TimeSpan limit, CancellationToken cancellationToken)
        {
            IsUsed = true;
            return inner.AcquireAsync(holder, limit, cancellationToken);
        }

        public ISharedHostLock? TryShare() => inner.TryShare();
    }
}
