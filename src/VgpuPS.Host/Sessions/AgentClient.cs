using System.Collections.Concurrent;
using System.Text.Json;
using VgpuPS.Core.Json;

namespace VgpuPS.Host.Sessions;

/// <summary>The module's end of a session: sends requests by number and hands the answers to those who wait.</summary>
/// <param name="host">Name of the session, for display.</param>
/// <param name="channel">The connection.</param>
/// <param name="clock">Clock of the signs of life.</param>
/// <param name="explain">Why the connection ended; called once it has.</param>
internal sealed class AgentClient(
    string host, AgentChannel channel, TimeProvider clock, Func<Task<VgpuException>> explain) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, AgentAnswer> _waiting = new();
    private readonly TaskCompletionSource<VgpuException> _lost = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private readonly List<string> _unexpected = [];
    private int _lastId;
    private long _lastKeepAlive = clock.GetTimestamp();

    /// <summary>Why the connection ended; null while it is open.</summary>
    public VgpuException? ConnectionError => _lost.Task.IsCompletedSuccessfully ? _lost.Task.Result : null;

    /// <summary>The agent, once it has said who it is.</summary>
    public AgentHandshake? Agent { get; private set; }

    /// <summary>The first lines of what stood before the agent's first line.</summary>
    public IReadOnlyList<string> UnexpectedOutput => _unexpected;

    /// <summary>Waits for the agent's first line, and begins to listen.</summary>
    /// <exception cref="VgpuException">The connection ended before.</exception>
    public async Task<AgentHandshake> OpenAsync(CancellationToken cancellationToken)
    {
        const int MaxUnexpectedLines = 1000;
        var lines = 0;
        while (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (AgentProtocol.Read(line.Span).Frame is { Kind: AgentFrameKind.Hello, Hello: { } handshake })
            {
                Agent = handshake;
                _lastKeepAlive = clock.GetTimestamp();
                _ = ListenAsync();
                _ = PingAsync();
                return handshake;
            }

            KeepUnexpectedOutput(line.Span);
            if (++lines > MaxUnexpectedLines)
            {
                throw new HostConnectionException(
                    ErrorIds.AgentFault,
                    $"host {host}: {lines} lines of unexpected output, and no handshake of vgpu-hook; the last: "
                        + $"'{AgentProtocol.Quote(line.Span)}'",
                    $"see what a login prints there, and suppress it: ssh {host} true", host);
            }
        }

        throw await explain().ConfigureAwait(false);
    }

    /// <summary>Runs a use case on the host.</summary>
    /// <exception cref="VgpuException">It failed there, or the connection ended.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, and the host has rolled back what it had
    /// done.</exception>
    public async Task<TResult> RunAsync<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (ConnectionError is { } before)
        {
            throw new HostConnectionException(
                ErrorIds.ConnectionLost, $"the session has ended: {before.Message}", before.RecommendedAction, host,
                before);
        }

        var id = Interlocked.Increment(ref _lastId);
        var answer = new AgentAnswer(observer, clock);
        _waiting[id] = answer;
        try
        {
            channel.Post(new AgentFrame(AgentFrameKind.Run)
            {
                Id = id,
                UseCase = useCase.Name,
                Body = JsonSerializer.SerializeToElement(request, useCase.RequestJson),
            });
            await AwaitAsync(id, useCase, answer, cancellationToken).ConfigureAwait(false);
            return answer.Last.IsCompletedSuccessfully
                ? Read(useCase, await answer.Last.ConfigureAwait(false), cancellationToken)
                : throw Lost(useCase.Name, await _lost.Task.ConfigureAwait(false));
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await channel.DisposeAsync().ConfigureAwait(false);
    }

    private TResult Read<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, AgentFrame last, CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull
    {
        if (last is { Kind: AgentFrameKind.Failure, Failure: { } failure })
        {
            throw failure.ToException(host);
        }

        if (last.Kind == AgentFrameKind.Cancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new HostConnectionException(
                ErrorIds.ConnectionLost, $"host {host}: vgpu-hook was stopped there while '{useCase.Name}' ran; "
                    + "what it had done is rolled back",
                $"connect again: Connect-VgpuHost {host}", host);
        }

        try
        {
            return last.Body is { } body
                ? useCase.ReadResult(body, host) : throw new JsonException("it is empty");
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            throw new UnreadableDataException(
                ErrorIds.AgentVersionMismatch,
                $"host {host}: the answer of vgpu-hook {Agent?.Version} to '{useCase.Name}' cannot be read: "
                    + $"{e.Message}",
                $"update both to one version: Update-VgpuHost -HostName {host}", host, e);
        }
    }

    /// <summary>Waits until its last line has come or the connection is lost, and no longer than a request may
    /// take.</summary>
    private async Task AwaitAsync(int id, UseCase useCase, AgentAnswer answer, CancellationToken cancellationToken)
    {
        long? cancelled = null;
        while (!answer.Last.IsCompleted && !_lost.Task.IsCompleted)
        {
            if (cancelled is null && cancellationToken.IsCancellationRequested)
            {
                cancelled = clock.GetTimestamp();
                channel.Post(new AgentFrame(AgentFrameKind.Cancel) { Id = id });
            }

            var remaining = cancelled is { } since ? AgentProtocol.MaxShutdown - clock.GetElapsedTime(since)
                : useCase.IsReading ? AgentProtocol.MaxReadTime - answer.Silence
                : Timeout.InfiniteTimeSpan;
            if (remaining <= TimeSpan.Zero && remaining != Timeout.InfiniteTimeSpan)
            {
                throw TimedOut(id, useCase, cancelled is not null);
            }

            using var wake = CancellationTokenSource.CreateLinkedTokenSource(
                cancelled is null ? cancellationToken : default);
            await Task.WhenAny(answer.Last, _lost.Task, Task.Delay(remaining, clock, wake.Token)).ConfigureAwait(false);
            await wake.CancelAsync().ConfigureAwait(false);
        }
    }

    private HostTimeoutException TimedOut(int id, UseCase useCase, bool isCancelled)
    {
        if (!isCancelled)
        {
            channel.Post(new AgentFrame(AgentFrameKind.Cancel) { Id = id });
        }

        var look = "see what it waits for there (ps -ef; journalctl -k -g NVRM), or reconnect: "
            + $"Disconnect-VgpuHost {host}; Connect-VgpuHost {host}";
        return isCancelled
            ? new HostTimeoutException(
                ErrorIds.Timeout,
                $"host {host} has not reported within {AgentProtocol.MaxShutdown.TotalSeconds:0} s that "
                    + $"'{useCase.Name}' is stopped; it may continue there",
                look, host)
            : new HostTimeoutException(
                ErrorIds.Timeout,
                $"host {host} did not answer '{useCase.Name}' for {AgentProtocol.MaxReadTime.TotalSeconds:0} s, "
                    + "though vgpu-hook there is alive",
                look, host);
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await ReadAsync(_closing.Token).ConfigureAwait(false) is { } line)
            {
                Volatile.Write(ref _lastKeepAlive, clock.GetTimestamp());
                var read = AgentProtocol.Read(line.Span);
                if (read.Problem is { } problem)
                {
                    _lost.TrySetResult(Unreadable($"{problem}: '{AgentProtocol.Quote(line.Span)}'"));
                    return;
                }

                if (read.Frame is { } frame && _waiting.TryGetValue(frame.Id, out var answer))
                {
                    answer.Take(frame);
                }
            }

            _lost.TrySetResult(await explain().ConfigureAwait(false));
        }
        catch (Exception e)
        {
            // No caller waits for this loop: whoever waits for an answer is notified instead.
            _lost.TrySetResult(e as VgpuException ?? Unreadable($"{e.GetType().Name}: {e.Message}"));
        }
    }

    private HostConnectionException Unreadable(string problem) => new(
        ErrorIds.AgentFault, $"host {host}: a line of vgpu-hook {Agent?.Version} cannot be read: {problem}",
        $"connect again; if it happens again, update both to one version: Update-VgpuHost -HostName {host}", host);

    private async Task PingAsync()
    {
        try
        {
            while (!_lost.Task.IsCompleted)
            {
                channel.Post(new AgentFrame(AgentFrameKind.Ping));
                await Task.Delay(AgentProtocol.PingInterval, clock, _closing.Token).ConfigureAwait(false);
                var silence = clock.GetElapsedTime(Volatile.Read(ref _lastKeepAlive));
                if (silence > AgentProtocol.MaxSilence)
                {
                    _lost.TrySetResult(new HostTimeoutException(
                        ErrorIds.ConnectionLost,
                        $"host {host} sends no keep-alive: no answer for {silence.TotalSeconds:0} s",
                        $"look at the host and its network, then: Disconnect-VgpuHost {host}; Connect-VgpuHost {host}",
                        host));
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The session is being closed.
        }
    }

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await channel.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw Unreadable(e.Message);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException
            || (e is OperationCanceledException && _closing.IsCancellationRequested))
        {
            return null;
        }
    }

    private void KeepUnexpectedOutput(ReadOnlySpan<byte> line)
    {
        const int Max = 5;
        if (_unexpected.Count < Max && AgentProtocol.Quote(line) is { Length: > 0 } text)
        {
            _unexpected.Add(text);
        }
    }

    private HostConnectionException Lost(string useCase, VgpuException error) => new(
        error.ErrorId == ErrorIds.AgentFault ? error.ErrorId : ErrorIds.ConnectionLost,
        $"{error.Message} (while '{useCase}' ran there)",
        $"{error.RecommendedAction}; what was begun is finished or rolled back by the next change or start there",
        host, error);
}

/// <summary>What a request waits for.</summary>
/// <param name="observer">Hears progress and warnings.</param>
/// <param name="clock">Clock of its signs of life.</param>
internal sealed class AgentAnswer(ISessionObserver observer, TimeProvider clock)
{
    private long _lastKeepAlive = clock.GetTimestamp();

    private readonly TaskCompletionSource<AgentFrame> _last = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The line that ends it: a result, a failure, or that it was cancelled.</summary>
    public Task<AgentFrame> Last => _last.Task;

    /// <summary>How long nothing has come that belongs to it.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref _lastKeepAlive));

    /// <summary>Takes a line that belongs to it.</summary>
    public void Take(AgentFrame frame)
    {
        Volatile.Write(ref _lastKeepAlive, clock.GetTimestamp());
        switch (frame)
        {
            case { Kind: AgentFrameKind.Progress, Progress: { } step }:
                observer.Report(frame.Body is { } body ? step with { Outcome = PerformanceOutcomes.Read(body) } : step);
                break;
            case { Kind: AgentFrameKind.Warning, Text: { } text }:
                observer.Warn(text);
                break;
            case { Kind: AgentFrameKind.Result or AgentFrameKind.Failure or AgentFrameKind.Cancelled }:
                _last.TrySetResult(frame);
                break;
        }
    }
}
