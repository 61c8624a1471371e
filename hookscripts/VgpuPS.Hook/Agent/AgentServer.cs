using System.Collections.Concurrent;
using System.Text.Json;
using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Hook.Agent;

/// <summary>
/// The remote end of a module's session: runs use cases that come as lines on its input, several at once, and ends when
/// its input does. What still runs then is stopped between two steps and taken back.
/// </summary>
/// <param name="hello">Who this is; its use cases are those of <paramref name="useCases"/>.</param>
/// <param name="useCases">What it can run.</param>
/// <param name="run">Runs one on this host.</param>
/// <param name="clock">Clock of the wait for a sign of life.</param>
public sealed class AgentServer(
    AgentHello hello, IReadOnlyList<UseCase> useCases,
    Func<UseCase, JsonElement, ISessionObserver, CancellationToken, Task<JsonElement>> run, TimeProvider clock)
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<int, AgentCall> _running = new();

    /// <summary>Serves until the input ends, the peer is silent for too long, or it is stopped.</summary>
    /// <param name="channel">The connection.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <exception cref="HostTimeoutException">The peer gave no sign of life.</exception>
    public async Task RunAsync(AgentChannel channel, CancellationToken cancellationToken)
    {
        // What a login shell printed without an end of line would swallow the first line.
        channel.PostRaw("\n"u8.ToArray());
        channel.Post(new AgentFrame(AgentFrameKind.Hello)
        {
            Hello = hello with
            {
                Protocol = AgentProtocol.Version,
                UseCases = [.. useCases.Select(u => u.Name).Order(StringComparer.Ordinal)],
            },
        });
        try
        {
            await ReadAsync(channel, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var call in _running.Values)
            {
                await call.StopAsync().ConfigureAwait(false);
            }

            await Task.WhenAll(_running.Values.Select(c => c.Ended)).ConfigureAwait(false);
            await channel.FinishAsync(s_lastWords).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(AgentChannel channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadOnlyMemory<byte>? line;
            try
            {
                // A read of standard input cannot be cancelled; it is left behind.
                line = await channel.ReadLineAsync(CancellationToken.None)
                    .WaitAsync(AgentProtocol.LongestClientSilence, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new HostTimeoutException(
                    ErrorIds.ConnectionLost,
                    $"the other end gave no sign of life for {AgentProtocol.LongestClientSilence.TotalMinutes:0} minutes",
                    $"Connect again from there: Connect-VgpuHost {hello.Node}");
            }
            catch (IOException)
            {
                return;
            }

            if (line is null)
            {
                return;
            }

            Take(channel, AgentProtocol.TryRead(line.Value.Span));
        }
    }

    private void Take(AgentChannel channel, AgentFrame? frame)
    {
        switch (frame)
        {
            case { Kind: AgentFrameKind.Ping }:
                channel.Post(new AgentFrame(AgentFrameKind.Pong));
                break;
            case { Kind: AgentFrameKind.Run, Id: > 0 }:
                Start(channel, frame);
                break;
            case { Kind: AgentFrameKind.Cancel } when _running.TryGetValue(frame.Id, out var call):
                _ = call.StopAsync();
                break;
            default:
                // A newer module may say what this one does not know.
                break;
        }
    }

    private void Start(AgentChannel channel, AgentFrame frame)
    {
        var useCase = useCases.FirstOrDefault(u => u.Name == frame.UseCase);
        if (useCase is null || frame.Body is not { } body)
        {
            channel.Post(new AgentFrame(AgentFrameKind.Failure) { Id = frame.Id, Failure = AgentFailure.From(Unknown(frame)) });
            return;
        }

        var call = new AgentCall(frame.Id, channel);
        if (_running.TryAdd(frame.Id, call))
        {
            call.Begin(token => run(useCase, body, call, token), () => _running.TryRemove(frame.Id, out _));
        }
    }

    private HostConnectionException Unknown(AgentFrame frame) => new(
        ErrorIds.AgentVersionMismatch,
        $"vgpu-hook {hello.Version} on {hello.Node} does not know '{frame.UseCase}': it is older than the module",
        $"Bring it up to date: Update-VgpuHost -HostName {hello.Node}", hello.Node);
}
