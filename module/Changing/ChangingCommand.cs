using System.Globalization;

namespace VgpuPS.Changing;

/// <summary>
/// Base of commands that change hosts: each object is planned, asked about, and changed before the next one comes; with
/// several hosts connected what was agreed to is executed at the end, on all hosts at once.
/// </summary>
public abstract class ChangingCommand : SessionCommand
{
    private readonly Dictionary<object, List<(int Number, Func<CancellationToken, Task> Change)>> _agreed = [];
    private readonly Dictionary<IHostSession, ChangeRunner> _runners = [];
    private readonly RelaySink _relay = new();

    /// <summary>Writes the objects as they were read back after the change; Remove-… what was removed. New-… writes
    /// what it made without it too.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_agreed.Count == 0)
        {
            return;
        }

        Run(async (sink, token) =>
        {
            _relay.To(sink);
            var count = _agreed.Values.Sum(changes => changes.Count);
            await Turns.ForEachAsync(
                sink, [.. _agreed.Values], MaxAtOnce, isLive: false,
                async (changes, turn, stop) =>
                {
                    ICommandSink own = turn;
                    _relay.ToOwn(own);
                    foreach (var (number, change) in changes)
                    {
                        turn.Place = Place(number, count);
                        await own.TryAsync(() => change(stop)).ConfigureAwait(false);
                    }
                },
                token).ConfigureAwait(false);
        });
    }

    /// <summary>Brings files of this machine that a change needs; null where none is offered.</summary>
    private protected FileUploads? Uploads { get; set; }

    /// <summary>The driver's file that a command names, found on this machine as PowerShell does.</summary>
    /// <param name="path">As it was typed.</param>
    /// <param name="place">Which machine's file is meant; null for the one that has it.</param>
    /// <param name="entry">Name of the file in a zip; null for the one that fits.</param>
    /// <param name="isHost">Whether the host's driver is wanted, and not a guest's.</param>
    private protected DriverChoice ChooseFile(string path, FilePlace? place, string? entry, bool isHost)
    {
        string? full = null;
        try
        {
            full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            full = provider.Name == "FileSystem" ? full : null;
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException
            or NotSupportedException)
        {
            // It is a path of the host.
        }

        try
        {
            var choice = DriverFiles.Choose(path, full, place, entry, isHost);
            Uploads = new FileUploads(choice.Files, CommandName);
            return choice;
        }
        catch (VgpuException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
            throw;
        }
    }

    /// <summary>
    /// Whether what was agreed to is executed at the end, and not before the next object is asked about.
    /// </summary>
    private protected virtual bool IsCarriedOutAtEnd => HostSessions.Connected.Count > 1;

    /// <summary>Most groups that are executed at once at the end.</summary>
    private protected virtual int MaxAtOnce => ReadingRunner.ThrottleLimit;

    /// <summary>What changes have in common that are executed one after the other at the end.</summary>
    private protected virtual object GroupOf(IHostSession session) => session;

    /// <summary>Changes something on each host that is meant.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="requests">What is asked of each host, one request an object.</param>
    private protected void Change<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<IEnumerable<TRequest>> requests)
        where TRequest : ChangeRequest => Run(async (sink, token) => await ChangeAsync(
            sink, await FindSessionsAsync(sink, token).ConfigureAwait(false), useCase, requests,
            token).ConfigureAwait(false));

    /// <summary>
    /// Plans and asks, host by host and object by object; what fails is reported, and the others go on.
    /// </summary>
    private protected Task ChangeAsync<TRequest>(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions, UseCase<TRequest, ChangeResult> useCase,
        Func<IEnumerable<TRequest>> requests, CancellationToken cancellationToken)
        where TRequest : ChangeRequest => ForEachHostAsync(sink, sessions, async (session, runner) =>
        {
            var all = requests().ToList();
            foreach (var (number, request) in all.Index())
            {
                runner.Place = PlaceNow(number, all.Count);
                await PlanAndAskAsync(
                    sink, session, runner, useCase, request, null, cancellationToken).ConfigureAwait(false);
            }
        });

    /// <summary>Changes GPUs that are named, each once and on its own; the host itself finds which they are.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="names">GPUs by index, UUID, address in any form, or model with wildcards.</param>
    /// <param name="request">What is asked of one, by a name.</param>
    private protected void ChangeGpus<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, IEnumerable<string> names, Func<string, TRequest> request)
        where TRequest : ChangeRequest => Run(async (sink, token) => await ForEachHostAsync(
            sink, await FindSessionsAsync(sink, token).ConfigureAwait(false), async (session, runner) =>
            {
                var seen = new HashSet<string>(StringComparer.Ordinal);
                var all = names.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
                foreach (var (number, name) in all.Index())
                {
                    runner.Place = PlaceNow(number, all.Count);
                    ChangeResult? planned = null;
                    await sink.TryAsync(async () =>
                        planned = await runner.PlanAsync(
                            useCase, request(name), token).ConfigureAwait(false)).ConfigureAwait(false);
                    foreach (var gpu in (planned?.Gpus ?? []).Where(seen.Add))
                    {
                        await PlanAndAskAsync(
                            sink, session, runner, useCase, request(gpu), planned!.Gpus is [_] ? planned : null, token)
                            .ConfigureAwait(false);
                    }
                }
            }).ConfigureAwait(false));

    /// <summary>What is changed one by one, for the progress: <c>VM</c>; empty where it has no word.</summary>
    private protected virtual string Subject => "";

    /// <summary>Which of several it is, for the progress; empty for the only one.</summary>
    private string Place(int number, int count) => count < 2 ? "" : string.Create(
        CultureInfo.InvariantCulture, $" ({$"{Subject} {number + 1}".TrimStart()} of {count})");

    /// <summary>The same where it is executed at once; at the end others may have come to it.</summary>
    private string PlaceNow(int number, int count) => IsCarriedOutAtEnd ? "" : Place(number, count);

    private async Task ForEachHostAsync(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions, Func<IHostSession, ChangeRunner, Task> work)
    {
        foreach (var session in sessions)
        {
            _relay.To(sink);
            if (!_runners.TryGetValue(session, out var runner))
            {
                _runners[session] = runner = new ChangeRunner(_relay, session, CommandName, ReadBack)
                {
                    Uploads = Uploads,
                    IsRemoving = IsRemoving,
                    IsCreating = IsCreating,
                };
            }

            await sink.TryAsync(() => work(session, runner)).ConfigureAwait(false);
        }
    }

    /// <summary>Plans where that is not done yet, asks, and executes now or at the end.</summary>
    private Task PlanAndAskAsync<TRequest>(
        ICommandSink sink, IHostSession session, ChangeRunner runner, UseCase<TRequest, ChangeResult> useCase,
        TRequest request, ChangeResult? planned, CancellationToken cancellationToken)
        where TRequest : ChangeRequest => sink.TryAsync(async () =>
        {
            planned ??= await runner.PlanAsync(useCase, request, cancellationToken).ConfigureAwait(false);
            var change = await runner.AskAsync(useCase, request, planned, PassThru || IsCreating ? Pick : null)
                .ConfigureAwait(false);
            if (sink.IsWhatIf || (change is not null && IsCarriedOutAtEnd))
            {
                runner.Foresee(planned);
            }

            await (change is null ? Task.CompletedTask
                : IsCarriedOutAtEnd ? KeepAsync(session, change)
                : change(cancellationToken)).ConfigureAwait(false);
        });

    /// <summary>The hosts that are meant.</summary>
    private protected virtual Task<IReadOnlyList<IHostSession>> FindSessionsAsync(
        ICommandSink sink, CancellationToken cancellationToken) => Task.FromResult(HostSessions.ForChanging(Session));

    /// <summary>Whether it makes objects, which are written.</summary>
    private protected virtual bool IsCreating => false;

    /// <summary>Whether the objects to write are those that were there before.</summary>
    private protected virtual bool IsRemoving => false;

    /// <summary>How a host is read for the objects to write.</summary>
    private protected virtual ReadHostRequest ReadBack { get; } = new();

    /// <summary>The objects to write for one that was changed.</summary>
    private protected abstract IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed);

    private Task KeepAsync(IHostSession session, Func<CancellationToken, Task> change)
    {
        var group = GroupOf(session);
        if (!_agreed.TryGetValue(group, out var changes))
        {
            _agreed[group] = changes = [];
        }

        changes.Add((_agreed.Values.Sum(c => c.Count), change));
        return Task.CompletedTask;
    }
}
