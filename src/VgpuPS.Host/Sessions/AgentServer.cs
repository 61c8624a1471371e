using System.Collections.Concurrent;
using System.Text.Json;

namespace VgpuPS.Host.Sessions;

/// <summary>
/// The remote end of a module's session: runs use cases that come as lines on its input, several at once, and ends when
/// its input does. What still runs then is stopped between two steps and rolled back.
/// </summary>
/// <param name="handshake">Who this is; its use cases are those of <paramref name="useCases"/>.</param>
/// <param name="useCases">What it can run.</param>
/// <param name="run">Runs one on this host.</param>
/// <param name="clock">Clock of the wait for a keep-alive.</param>
public sealed class AgentServer(
    AgentHandshake handshake, IReadOnlyList<UseCase> useCases,
    Func<UseCase, JsonElement, ISessionObserver, CancellationToken, Task<JsonElement>> run, TimeProvider clock)
{
    private static readonly TimeSpan s_stderrWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<int, AgentCall> _running = new();
    private volatile bool _hasUploaded;

    /// <summary>Serves until the input ends, the peer is silent for too long, or it is stopped.</summary>
    /// <param name="channel">The connection.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <exception cref="HostTimeoutException">The peer sent no keep-alive.</exception>
    public async Task RunAsync(AgentChannel channel, CancellationToken cancellationToken)
    {
        // What a login shell printed without an end of line would swallow the first line.
        channel.PostRaw("\n"u8.ToArray());
        channel.Post(new AgentFrame(AgentFrameKind.Hello)
        {
            Hello = handshake with
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
            await RemoveUploadsAsync().ConfigureAwait(false);
            await channel.FinishAsync(s_stderrWait).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(AgentChannel channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadOnlyMemory<byte>? line;
            try
            {
                await WaitForReaderAsync(channel, cancellationToken).ConfigureAwait(false);

                // A read of standard input cannot be cancelled; it is left behind.
                line = await channel.ReadLineAsync(CancellationToken.None)
                    .WaitAsync(AgentProtocol.MaxClientSilence, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new HostTimeoutException(
                    ErrorIds.ConnectionLost,
                    $"the other end sent no keep-alive for {AgentProtocol.MaxClientSilence.TotalMinutes:0} minutes",
                    $"connect again from there: Connect-VgpuHost {handshake.Node}");
            }
            catch (InvalidDataException e)
            {
                throw Unreadable(e.Message);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return;
            }

            if (line is null)
            {
                return;
            }

            Take(channel, AgentProtocol.Read(line.Value.Span), line.Value.Span);
        }
    }

    /// <summary>A peer that does not read its answers gets no more work done, and is taken for dead in the
    /// end.</summary>
    private async Task WaitForReaderAsync(AgentChannel channel, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (channel.IsBehind)
        {
            if (clock.GetElapsedTime(since) > AgentProtocol.MaxClientSilence)
            {
                throw new TimeoutException();
            }

            await Task.Delay(s_glance, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Take(AgentChannel channel, AgentLine line, ReadOnlySpan<byte> text)
    {
        switch (line.Frame)
        {
            case null when line.Id > 0:
                Refuse(channel, line.Id, Unreadable(line.Problem ?? "it is of a kind unknown here"));
                break;
            case null when line.Problem is { } problem && text[0] == (byte)'{':
                throw Unreadable(problem);
            case { Kind: AgentFrameKind.Ping }:
                channel.Post(new AgentFrame(AgentFrameKind.Pong));
                break;
            case { Kind: AgentFrameKind.Run, Id: > 0 } frame:
                Start(channel, frame);
                break;
            case { Kind: AgentFrameKind.Cancel } frame when _running.TryGetValue(frame.Id, out var call):
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
            Refuse(channel, frame.Id, Unknown(frame));
            return;
        }

        if (_running.Count >= AgentProtocol.MaxRequests)
        {
            Refuse(channel, frame.Id, new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"vgpu-hook on {handshake.Node} already works on {_running.Count} requests of this "
                    + "session",
                "wait until some have ended, and try again", handshake.Node));
            return;
        }

        _hasUploaded |= useCase.Name == HostUseCases.UploadFile.Name;
        var call = new AgentCall(frame.Id, channel);
        if (_running.TryAdd(frame.Id, call))
        {
            call.Begin(token => run(useCase, body, call, token), () => _running.TryRemove(frame.Id, out _));
        }
    }

    /// <summary>Takes away what the session uploaded: its other end may not be there to do it.</summary>
    private async Task RemoveUploadsAsync()
    {
        if (!_hasUploaded || useCases.FirstOrDefault(u => u.Name == HostUseCases.RemoveUpload.Name) is not { } remove)
        {
            return;
        }

        try
        {
            await run(remove, JsonDocument.Parse("{}").RootElement, new Unheard(), CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (VgpuException)
        {
            // The next upload, or a sweep, removes what is left.
        }
    }

    private static void Refuse(AgentChannel channel, int id, VgpuException why) =>
        channel.Post(new AgentFrame(AgentFrameKind.Failure) { Id = id, Failure = AgentFailure.From(why) });

    private UnreadableDataException Unreadable(string problem) => new(
        ErrorIds.UnreadableData,
        $"vgpu-hook {handshake.Version} on {handshake.Node} got a line that it cannot read: {problem}",
        $"update the module and vgpu-hook to one version: Update-VgpuHost -HostName {handshake.Node}", handshake.Node);

    private HostConnectionException Unknown(AgentFrame frame) => new(
        ErrorIds.AgentVersionMismatch,
        $"vgpu-hook {handshake.Version} on {handshake.Node} does not know '{frame.UseCase}': it is older than the "
            + "module",
        $"update it: Update-VgpuHost -HostName {handshake.Node}", handshake.Node);

    private sealed class Unheard : ISessionObserver
    {
        public void Report(StepProgress value)
        {
        }

        public void Warn(string message)
        {
        }
    }
}
