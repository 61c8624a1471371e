using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;

namespace VgpuPS.Common;

/// <summary>A simulated host, in memory or in a file.</summary>
/// <param name="name">The session's name.</param>
/// <param name="node">The host.</param>
internal sealed class LabHostSession(string name, LabNode node) : IHostSession
{
    public string Name => name;

    public string Kind => "lab";

    public async Task<TResult> RunAsync<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull
    {
        using var process = node.Host.BeginActor(useCase.Name);
        return await useCase.RunAsync(node.Connect(observer.Warn), request, observer, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Starts a VM as Proxmox does, hook included.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="say">Takes what the hook prints.</param>
    /// <param name="cancellationToken">Ends the task.</param>
    public Task<LabTaskResult> StartVmAsync(VmId vm, Action<string> say, CancellationToken cancellationToken) =>
        RunTaskAsync(say, () => node.Proxmox.StartAsync(vm, null, cancellationToken));

    /// <summary>Stops a VM as Proxmox does; once QEMU has gone, qmeventd runs <c>qm cleanup</c>.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="say">Takes what the hook prints.</param>
    /// <param name="cancellationToken">Ends the task.</param>
    public Task<LabTaskResult> StopVmAsync(VmId vm, Action<string> say, CancellationToken cancellationToken) =>
        RunTaskAsync(say, async () =>
        {
            var wasRunning = node.Host.GetQemuPid(vm) is not null;
            var result = await node.Proxmox.StopAsync(vm, cancellationToken).ConfigureAwait(false);
            if (!wasRunning || node.Host.GetQemuPid(vm) is not null)
            {
                return result;
            }

            var cleanup = await node.Proxmox.CleanupAsync(vm, true, false, cancellationToken).ConfigureAwait(false);
            return result.Succeeded ? cleanup : result;
        });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<LabTaskResult> RunTaskAsync(Action<string> say, Func<Task<LabTaskResult>> task)
    {
        node.HookOutput = (text, error) =>
        {
            foreach (var line in (text + error).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                say(line);
            }
        };
        try
        {
            return await task().ConfigureAwait(false);
        }
        finally
        {
            node.HookOutput = null;
        }
    }
}
