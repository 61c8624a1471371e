using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Hook;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Metrics;

/// <summary>One request on a connection, whatever its client does; over a socket of loopback.</summary>
public sealed class MetricsHttpTests : IDisposable
{
    private const string Get = "GET /metrics HTTP/1.1\r\nHost: pve1\r\n\r\n";
    private const string Metrics = "# HELP a b\n# TYPE a gauge\na 1\n";

    private readonly ManualClock _clock = new();
    private readonly StringWriter _error = new(CultureInfo.InvariantCulture);
    private readonly TcpClient _client = new();
    private readonly TcpClient _server;
    private readonly NetworkStream _ours;

    public MetricsHttpTests()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _client.Connect((IPEndPoint)listener.LocalEndpoint);
        _server = listener.AcceptTcpClient();
        _ours = _client.GetStream();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData(Get, "HTTP/1.1 200 OK\r\n", Metrics)]
    [InlineData("HEAD /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\r\n\r\n")]
    [InlineData("GET /other HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "there is GET /metrics\n")]
    [InlineData("DELETE /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ", "there is GET /metrics\n")]
    [InlineData("hello\r\n\r\n", "HTTP/1.1 400 ", "there is GET /metrics\n")]
    public async Task A_request_is_answered(string request, string begins, string ends)
    {
        var run = Run(Metrics);
        await SendAsync(request);
        _client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await run);
        var answer = await AnswerAsync();
        Assert.StartsWith(begins, answer, StringComparison.Ordinal);
        Assert.EndsWith(ends, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_in_single_bytes_is_answered()
    {
        var run = Run(Metrics);
        foreach (var letter in Get)
        {
            await SendAsync(letter.ToString());
        }

        _client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await run);
        Assert.EndsWith(Metrics, await AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_megabyte_of_headers_is_refused_and_its_client_reads_why()
    {
        var run = Run(Metrics);
        await SendAsync("GET /metrics HTTP/1.1\r\n" + string.Concat(
            Enumerable.Repeat($"X: {new string('x', 1019)}\r\n", 1024)) + "\r\n");
        _client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await run);
        Assert.StartsWith("HTTP/1.1 431 ", await AnswerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "HTTP/1.1 200 ", 0)]
    [InlineData(false, "HTTP/1.1 500 ", 69)]
    public async Task What_a_client_sends_after_its_request_does_not_cut_the_answer(
        bool isRead, string begins, int code)
    {
        var run = new MetricsHttp(_server.GetStream(), _server.GetStream(), _clock).RunAsync(
            _ => isRead ? Task.FromResult(Metrics)
                : throw new HostNotReadyException(ErrorIds.WriteFailed, "why", "do this"),
            Text, Token);
        await SendAsync(Get + new string('x', 1 << 20));
        _client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(code, await run);
        Assert.StartsWith(begins, await AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_keeps_its_connection_after_the_answer_is_left_after_a_second()
    {
        var run = Run(Metrics);
        await SendAsync(Get);
        Assert.Equal(0, await AfterAsync(run, TimeSpan.FromSeconds(1)));
        Assert.EndsWith(Metrics, await AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_sends_nothing_is_left_after_five_seconds()
    {
        var run = Run(Metrics);
        Assert.Equal(0, await AfterAsync(run, TimeSpan.FromSeconds(5)));
        Assert.Equal("", await AnswerAsync());
    }

    [Fact]
    public async Task A_client_that_stops_in_the_middle_is_answered_that_it_took_too_long()
    {
        var run = Run(Metrics);
        await SendAsync("GET /metrics HTTP/1.1\r\nHost");
        Assert.Equal(0, await AfterAsync(run, TimeSpan.FromSeconds(6)));
        Assert.StartsWith("HTTP/1.1 408 ", await AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_is_left()
    {
        var run = Run(new string('x', 64 << 20));
        await SendAsync(Get);
        Assert.Equal(0, await AfterAsync(run, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public async Task A_client_that_leaves_at_once_is_no_failure()
    {
        var run = Run(Metrics);
        _client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await run);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public async Task Metrics_that_cannot_be_read_are_a_server_error_and_the_journal_has_why()
    {
        var run = new MetricsHttp(_server.GetStream(), _server.GetStream(), _clock).RunAsync(
            _ => throw new HostNotReadyException(ErrorIds.WriteFailed, "secret of the host", "do this"), Text, Token);
        await SendAsync(Get);
        _client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(69, await run);
        var answer = await AnswerAsync();
        Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        Assert.Equal(
            "vgpu-hook: metrics --http: secret of the host\n  do: do this\n", _error.ToString());
    }

    private HookText Text => new(TextWriter.Null, _error);

    private Task<int> Run(string metrics) => new MetricsHttp(_server.GetStream(), _server.GetStream(), _clock).RunAsync(
        _ => Task.FromResult(metrics), Text, Token);

    private async Task SendAsync(string text) => await _ours.WriteAsync(Encoding.ASCII.GetBytes(text), Token);

    private async Task<string> AnswerAsync()
    {
        _server.Dispose();
        using var reader = new StreamReader(_ours, Encoding.UTF8, leaveOpen: true);
        return await reader.ReadToEndAsync(Token);
    }

    /// <summary>Moves the clock on until the run has ended: what it waits for is begun on other threads.</summary>
    private async Task<int> AfterAsync(Task<int> run, TimeSpan limit)
    {
        var step = TimeSpan.FromMilliseconds(100);
        for (var moved = TimeSpan.Zero; !run.IsCompleted && moved <= limit + TimeSpan.FromSeconds(60); moved += step)
        {
            await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(5), Token));
            _clock.Advance(step);
        }

        return await run;
    }
}
