using VgpuPS.Host;
using VgpuPS.Host.Linux;
using VgpuPS.Host.State;

namespace VgpuPS.Hook;

/// <summary>The worker's part of a phase: what a hook that waits for it passes on is its output and its exit
/// code.</summary>
internal static class WorkerCommand
{
    /// <summary>The command's name; a hook starts it, and nothing else.</summary>
    public const string Name = "worker";

    /// <summary>Rolls back what a start was given that will not come, instead of a phase.</summary>
    public const string Undo = "undo";

    /// <summary>Does it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="page">What is shared with the hook.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="phase">The phase, or <see cref="Undo"/>.</param>
    /// <param name="text">What is said.</param>
    /// <param name="migratedFrom">Proxmox's PVE_MIGRATED_FROM.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        HostPorts host, WorkerPage page, VmId vm, string phase, HookText text, string? migratedFrom,
        CancellationToken cancellationToken)
    {
        var work = new PhaseWork(
            host with { Lock = new NotedLock(host.Lock, page) }, text, migratedFrom, page.TryFinish);
        try
        {
            if (phase == Undo)
            {
                await work.UndoAsync(vm).ConfigureAwait(false);
                return 0;
            }

            var code = await work.RunAsync(vm, phase, cancellationToken).ConfigureAwait(false);
            if (!page.TryFinish() && phase == Phases.PreStart && code == 0)
            {
                // The hook has given this start up while the last call went on.
                await work.UndoAsync(vm).ConfigureAwait(false);
            }

            return code;
        }
        catch (Exception e)
        {
            if (phase != Undo && page.TryFinish())
            {
                await host.Counters.CountAsync(phase, PhaseWork.ErrorIdOf(e)).ConfigureAwait(false);
            }

            return text.Fail($"VM {vm} {phase}", e, HookCommands.Again(vm.ToString(), phase));
        }
    }

    private sealed class Held(IAsyncDisposable inner, WorkerPage page) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            page.NoteLock(isHeld: false);
            return inner.DisposeAsync();
        }
    }

    private sealed class NotedLock(IHostLock inner, WorkerPage page) : IHostLock
    {
        public async Task<IAsyncDisposable> AcquireAsync(
            string holder, TimeSpan limit, CancellationToken cancellationToken)
        {
            var held = await inner.AcquireAsync(holder, limit, cancellationToken).ConfigureAwait(false);
            page.NoteLock(isHeld: true);
            return new Held(held, page);
        }

        public ISharedHostLock? TryShare() => inner.TryShare();
    }
}
