using System.Text.Json;

namespace VgpuPS.Host.Sessions;

/// <summary>One use case that an agent runs; reports its progress to its module.</summary>
/// <param name="id">The module's number of it.</param>
/// <param name="channel">The module.</param>
internal sealed class AgentCall(int id, AgentChannel channel) : ISessionObserver, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Ends with the use case, and never fails.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Starts it.</summary>
    /// <param name="run">The use case.</param>
    /// <param name="ended">Called when it has ended and its outcome is reported.</param>
    public void Begin(Func<CancellationToken, Task<JsonElement>> run, Action ended) => Ended = Task.Run(async () =>
    {
        channel.Post(await RunAsync(run).ConfigureAwait(false));
        ended();
        Dispose();
    });

    /// <summary>Asks it to end between two steps.</summary>
    public async Task StopAsync()
    {
        try
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose() => _stop.Dispose();

    public void Report(StepProgress value) => channel.Post(new AgentFrame(AgentFrameKind.Progress)
    {
        Id = id,
        Progress = value,
        Body = value.Outcome is { } outcome ? PerformanceOutcomes.Write(outcome) : null,
    });

    public void Warn(string message) =>
        channel.Post(new AgentFrame(AgentFrameKind.Warning) { Id = id, Text = message });

    private async Task<AgentFrame> RunAsync(Func<CancellationToken, Task<JsonElement>> run)
    {
        try
        {
            var result = await run(_stop.Token).ConfigureAwait(false);
            return new AgentFrame(AgentFrameKind.Result) { Id = id, Body = result };
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return new AgentFrame(AgentFrameKind.Cancelled) { Id = id };
        }
        catch (Exception e)
        {
            // One request's fault must not take the others of the session along.
            return new AgentFrame(AgentFrameKind.Failure) { Id = id, Failure = AgentFailure.From(e) };
        }
    }
}
