using VgpuPS.Core.Steps;

namespace VgpuPS.Changing;

/// <summary>Plans a change on a host, asks for it, executes it, and writes what was read back.</summary>
/// <param name="sink">Where to write.</param>
/// <param name="session">The host.</param>
/// <param name="source">Who asks: the command's name.</param>
/// <param name="readBack">How the host is read for what is written; null for all of it.</param>
internal sealed class ChangeRunner(
    ICommandSink sink, IHostSession session, string source, ReadHostRequest? readBack = null)
{
    private readonly List<ForeseenChange> _foreseen = [];

    /// <summary>Whether objects are written as they were before the change, which removes them.</summary>
    public bool IsRemoving { get; init; }

    /// <summary>Whether objects are written that the change makes, on GPUs that its result names.</summary>
    public bool IsCreating { get; init; }

    /// <summary>Brings files of this machine that a change needs; null where none is offered.</summary>
    public FileUploads? Uploads { get; init; }

    /// <summary>Which of several objects it is, for the progress: <c> (VM 2 of 4)</c>; empty for the only
    /// one.</summary>
    public string Place { get; set; } = "";

    /// <summary>Lets the next plans be made on top of one that is not executed before them.</summary>
    public void Foresee(ChangeResult planned)
    {
        if (planned.Foreseen is { } change)
        {
            _foreseen.Add(change);
        }
    }

    /// <summary>Plans it and asks.</summary>
    /// <returns>What executes it; null where nothing is to be done: all is so already, <c>-WhatIf</c>, or a
    /// no.</returns>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="pick">The objects that names of the result mean; null where they are not wanted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Func<CancellationToken, Task>?> PrepareAsync<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request,
        Func<HostReport, ChangedObject, IEnumerable<HostObject>>? pick, CancellationToken cancellationToken)
        where TRequest : ChangeRequest =>
        await AskAsync(
            useCase, request, await PlanAsync(useCase, request, cancellationToken).ConfigureAwait(false), pick)
            .ConfigureAwait(false);

    public Task<ChangeResult> PlanAsync<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request, CancellationToken cancellationToken)
        where TRequest : ChangeRequest => session.RunAsync(
            useCase, With(request, isPlanOnly: true, null), new SinkObserver(sink, source), cancellationToken);

    /// <summary>Requests what was planned.</summary>
    /// <returns>What executes it; null where nothing is to be done.</returns>
    public async Task<Func<CancellationToken, Task>?> AskAsync<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request, ChangeResult planned,
        Func<HostReport, ChangedObject, IEnumerable<HostObject>>? pick)
        where TRequest : ChangeRequest
    {
        if (planned.Plan.Steps.Count == 0)
        {
            sink.WriteNothing(planned.Plan);
        }
        else if (!await sink.ConfirmAsync(planned.Plan).ConfigureAwait(false))
        {
            return null;
        }

        if (planned.Plan.Steps.Count == 0 && pick is null)
        {
            return null;
        }

        var asked = With(request, isPlanOnly: false, planned.Plan);
        var activity = $"{source}: {planned.Plan.Target}{Place}";
        return planned.Upload is { } name && Uploads?.Take(session, name) is { } file
            ? token => UploadAndExecuteAsync(useCase, asked, activity, pick, file, token)
            : token => ExecuteAsync(useCase, asked, activity, pick, token);
    }

    private async Task UploadAndExecuteAsync<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request, string activity,
        Func<HostReport, ChangedObject, IEnumerable<HostObject>>? pick, FileUploads.Use file,
        CancellationToken cancellationToken)
        where TRequest : ChangeRequest
    {
        try
        {
            ChangeRequest asked = request;
            var path = await file.GetPathAsync(sink, cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(
                useCase, (TRequest)(ChangeRequest)((FileChangeRequest)asked).WithFile(path), activity, pick,
                cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            await file.EndAsync(sink).ConfigureAwait(false);
        }
    }

    private async Task ExecuteAsync<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request, string activity,
        Func<HostReport, ChangedObject, IEnumerable<HostObject>>? pick, CancellationToken cancellationToken)
        where TRequest : ChangeRequest
    {
        var before = pick is not null && IsRemoving
            ? await ReadAsync(null, cancellationToken).ConfigureAwait(false) : null;
        var done = await session.RunAsync(useCase, request, new SinkObserver(sink, activity), cancellationToken)
            .ConfigureAwait(false);
        if (pick is null || done.Objects.Count == 0)
        {
            return;
        }

        // What was just made is no VM's yet: its GPUs are all that has to be read.
        IReadOnlyList<string>? gpus = IsCreating && done.Objects.All(o => o.GpuAddress is not null)
            ? [.. done.Objects.Select(o => o.GpuAddress!).Distinct()] : null;
        var report = before ?? await ReadAsync(gpus, cancellationToken).ConfigureAwait(false);
        foreach (var value in done.Objects.SelectMany(o => pick(report, o)))
        {
            sink.WriteObject(value);
        }
    }

    private Task<HostReport> ReadAsync(IReadOnlyList<string>? gpus, CancellationToken cancellationToken) =>
        ReadingRunner.ReadAsync(
            sink, session, (readBack ?? new ReadHostRequest()) with { Gpus = gpus }, cancellationToken);

    private TRequest With<TRequest>(TRequest request, bool isPlanOnly, ChangePlan? confirmed)
        where TRequest : ChangeRequest
    {
        var asked = Uploads?.For(session, request) ?? request;
        return (TRequest)(asked with
        {
            Source = source,
            IsPlanOnly = isPlanOnly,
            Confirmed = confirmed,
            Foreseen = isPlanOnly ? [.. _foreseen] : [],
        });
    }
}
