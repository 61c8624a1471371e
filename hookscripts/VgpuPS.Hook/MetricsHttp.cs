using VgpuPS.Core.Metrics;

namespace VgpuPS.Hook;

/// <summary>
/// <c>vgpu-hook metrics --http</c>: answers one request on a connection that systemd has accepted and that is standard
/// input and output. Every wait is bounded: a client that sends nothing, or reads nothing, costs a few seconds.
/// </summary>
/// <param name="input">Where the request comes from.</param>
/// <param name="output">Where the answer goes.</param>
/// <param name="clock">Paces the waits.</param>
/// <remarks>Source: systemd.socket(5), <c>Accept=yes</c>; systemd.exec(5), <c>StandardInput=socket</c>.</remarks>
public sealed class MetricsHttp(Stream input, Stream output, TimeProvider clock)
{
    private const int MaxDrained = 4 << 20;

    // Together below RuntimeMaxSec of the unit.
    private static readonly TimeSpan s_headLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(1);

    /// <summary>Answers a request.</summary>
    /// <param name="collect">Reads the metrics.</param>
    /// <param name="text">Takes why they could not be read.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code: 0 whatever the client does.</returns>
    public async Task<int> RunAsync(
        Func<CancellationToken, Task<string>> collect, HookText text, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(cancellationToken).ConfigureAwait(false) is { } request
                ? await AnswerAsync(request, collect, text, cancellationToken).ConfigureAwait(false) : 0;
        }
        catch (Exception e) when (HasLeft(e))
        {
            return 0;
        }
    }

    /// <summary>Whether the client has gone or reads nothing, or the unit is stopped.</summary>
    private static bool HasLeft(Exception e) =>
        e is IOException or ObjectDisposedException or TimeoutException or OperationCanceledException;

    private async Task<int> AnswerAsync(
        MetricsRequest request, Func<CancellationToken, Task<string>> collect, HookText text,
        CancellationToken cancellationToken)
    {
        byte[] answer;
        var code = 0;
        try
        {
            answer = request.Answer(request.IsAccepted
                ? await collect(cancellationToken).ConfigureAwait(false)
                : $"{request.Reason}; there is GET {MetricsRequest.Path}\n");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            code = text.Fail("metrics --http", e, "");
            answer = (MetricsRequest.Failed with { HasBody = request.HasBody }).Answer(
                "the metrics could not be read; see: journalctl -u 'vgpups-metrics@*' -n 20\n");
        }

        try
        {
            await WriteAsync(answer, cancellationToken).ConfigureAwait(false);
            await DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (HasLeft(e))
        {
            // The exit code is the collection's.
        }

        return code;
    }

    /// <summary>What is answered; null for a client that sent nothing, or left before the end of its request.</summary>
    private async Task<MetricsRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[MetricsRequest.MaxHead];
        var length = 0;
        var since = clock.GetTimestamp();
        while (true)
        {
            var read = await ReadPartAsync(
                buffer.AsMemory(length), s_headLimit - clock.GetElapsedTime(since), cancellationToken)
                .ConfigureAwait(false);
            if (read is null or 0)
            {
                return read is null && length > 0 ? MetricsRequest.TimedOut : null;
            }

            length += read.Value;
            if (MetricsRequest.TryRead(buffer.AsSpan(0, length)) is { } request)
            {
                return request;
            }
        }
    }

    /// <summary>Reads what comes; null where nothing does in time.</summary>
    private async Task<int?> ReadPartAsync(Memory<byte> buffer, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (limit <= TimeSpan.Zero)
        {
            return null;
        }

        try
        {
            return await input.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(limit, clock, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task WriteAsync(byte[] answer, CancellationToken cancellationToken)
    {
        var write = Task.Run(
            async () =>
            {
                await output.WriteAsync(answer, cancellationToken).ConfigureAwait(false);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }, cancellationToken);
        await write.WaitAsync(s_answerLimit, clock, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes what a client still sends, until it has read the answer and closes: a connection that is closed with bytes
    /// unread is reset, and the answer lost with it.
    /// </summary>
    /// <remarks>Source: RFC 9112, section 9.6.</remarks>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var since = clock.GetTimestamp();
        for (var drained = 0; drained < MaxDrained;)
        {
            var read = await ReadPartAsync(buffer, s_drainLimit - clock.GetElapsedTime(since), cancellationToken)
                .ConfigureAwait(false);
            if (read is null or 0)
            {
                return;
            }

            drained += read.Value;
        }
    }
}
