using System.Management.Automation;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Common;

/// <summary>
/// Base of commands that change hosts: each object is planned, asked about, and changed before the next one comes; with
/// several hosts connected what was agreed to is carried out at the end, on all hosts at once.
/// </summary>
public abstract class ChangingCommand : SessionCommand
{
    private readonly Dictionary<IHostSession, List<Func<CancellationToken, Task>>> _agreed = [];
    private readonly RelaySink _relay = new();

    /// <summary>Writes the objects as they were read back after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_agreed.Count == 0)
        {
            return;
        }

        Run((sink, token) => Parallel.ForEachAsync(
            _agreed.Values,
            new ParallelOptions { MaxDegreeOfParallelism = ReadingRunner.ThrottleLimit, CancellationToken = token },
            async (changes, stop) =>
            {
                foreach (var change in changes)
                {
                    await TryAsync(_relay.To(sink), () => change(stop)).ConfigureAwait(false);
                }
            }));
    }

    /// <summary>Changes something on each host that is meant.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="requests">What is asked of each host, one request an object.</param>
    private protected void Change<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<IEnumerable<TRequest>> requests)
        where TRequest : ChangeRequest =>
        Change(useCase, (_, _, _) => Task.FromResult(requests()));

    /// <summary>Reads each host that is meant, and changes something on it.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="requests">
    /// What is asked of a host, one request an object; calls its last argument for an object that cannot be asked for.
    /// </param>
    private protected void Change<TRequest>(
        UseCase<TRequest, ChangeResult> useCase,
        Func<HostInventory, Action<VgpuException>, IEnumerable<TRequest>> requests)
        where TRequest : ChangeRequest =>
        Change(useCase, async (sink, session, token) => requests(
            await ReadingRunner.ReadAsync(sink, session, new ShowHostRequest(), token).ConfigureAwait(false),
            sink.WriteFailure));

    private void Change<TRequest>(
        UseCase<TRequest, ChangeResult> useCase,
        Func<ICommandSink, IHostSession, CancellationToken, Task<IEnumerable<TRequest>>> findRequests)
        where TRequest : ChangeRequest
    {
        var name = CommandName;
        var isLater = HostSessions.Connected.Count > 1;
        Func<HostInventory, ChangedObject, IEnumerable<HostObject>>? pick = PassThru ? Pick : null;
        Run(async (sink, token) =>
        {
            foreach (var session in await FindSessionsAsync(sink, token).ConfigureAwait(false))
            {
                var runner = new ChangeRunner(_relay.To(sink), session, name, ReadBack);
                await TryAsync(sink, async () =>
                {
                    foreach (var request in await findRequests(sink, session, token).ConfigureAwait(false))
                    {
                        await TryAsync(sink, async () =>
                        {
                            var change = await runner.PrepareAsync(useCase, request, pick, token).ConfigureAwait(false);
                            await (change is null ? Task.CompletedTask
                                : isLater ? KeepAsync(session, change)
                                : change(token)).ConfigureAwait(false);
                        }).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
            }
        });
    }

    /// <summary>The hosts that are meant.</summary>
    private protected virtual Task<IReadOnlyList<IHostSession>> FindSessionsAsync(
        ICommandSink sink, CancellationToken cancellationToken) => Task.FromResult(HostSessions.ForChanging(Session));

    /// <summary>How a host is read for the objects to write.</summary>
    private protected virtual ShowHostRequest ReadBack { get; } = new();

    /// <summary>The objects to write for one that was changed.</summary>
    private protected abstract IEnumerable<HostObject> Pick(HostInventory inventory, ChangedObject changed);

    private static async Task TryAsync(ICommandSink sink, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (VgpuException failure)
        {
            sink.WriteFailure(failure);
        }
    }

    private Task KeepAsync(IHostSession session, Func<CancellationToken, Task> change)
    {
        if (!_agreed.TryGetValue(session, out var changes))
        {
            _agreed[session] = changes = [];
        }

        changes.Add(change);
        return Task.CompletedTask;
    }
}
