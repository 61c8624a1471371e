using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Rows;
using VgpuPS.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Sessions;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Ssh;

/// <summary>Whatever the other end sends, or does not: a request or the session ends in time and says which
/// host.</summary>
[Trait("Duration", "Long")]
public sealed class AgentBoundsTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Unreadable { get; } =
    [
        "not a word of ours", "{", """{"kind":"Result","id":1""", """{"kind":"Result","id":1,"body":{}} trailing""",
        $$"""{"kind":"Result","id":1,"body":{{new string('[', 100)}}{{new string(']', 100)}}}""",
        """{"kind":"Result","id":"one","body":{}}""", """{"kind":"Result","id":99999999999,"body":{}}""",
        """{"kind":"Failure","id":1,"failure":{"kind":"x"}}""",
        """{"kind":"Failure","id":1,"failure":{"kind":null,"errorId":"a","message":"b","recommendedAction":"c"}}""",
    ];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_line_that_cannot_be_read_ends_the_session_with_its_name(string line)
    {
        await using var agent = await FakeAgent.OpenAsync(_ => [line]);
        var failure = await Assert.ThrowsAsync<HostConnectionException>(
            () => ShowAsync(agent).WaitAsync(s_timeout, s_none));
        Assert.Equal(ErrorIds.AgentFault, failure.ErrorId);
        Assert.Contains("pve1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", failure.Message, StringComparison.Ordinal);
        var after = await Assert.ThrowsAsync<HostConnectionException>(
            () => ShowAsync(agent).WaitAsync(s_timeout, s_none));
        Assert.Contains("the session has ended", after.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_beyond_the_longest_ends_the_session_and_says_so()
    {
        await using var agent = await FakeAgent.OpenAsync(_ => [new string('x', AgentProtocol.MaxLineLength + 1)]);
        var failure = await Assert.ThrowsAsync<HostConnectionException>(
            () => ShowAsync(agent).WaitAsync(s_timeout, s_none));
        Assert.Contains("longer than 64 MiB", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_only_a_newer_agent_says_is_passed_over()
    {
        await using var agent = await FakeAgent.OpenAsync(id =>
            ["", """{"kind":"Dance"}""", """{"steps":3}""", Refusal(id)]);
        Assert.Equal("A",
            (await Assert.ThrowsAsync<CapacityException>(() => ShowAsync(agent).WaitAsync(s_timeout, s_none))).ErrorId);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"gpus":null}""")]
    public async Task An_answer_that_lacks_members_fails_its_request_alone(string body)
    {
        await using var agent = await FakeAgent.OpenAsync(
            id => [$$"""{"kind":"Result","id":{{id}},"body":{{body}}}"""]);
        for (var times = 0; times < 2; times++)
        {
            var failure = await Assert.ThrowsAsync<UnreadableDataException>(
                () => ShowAsync(agent).WaitAsync(s_timeout, s_none));
            Assert.Equal(ErrorIds.AgentVersionMismatch, failure.ErrorId);
            Assert.StartsWith("host pve1: ", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_reading_request_without_a_word_is_given_up_after_a_minute_and_the_session_goes_on()
    {
        var answers = 0;
        await using var agent = await FakeAgent.OpenAsync(id =>
            answers++ == 0 ? [] : [Refusal(id)]);
        var asked = ShowAsync(agent);
        Assert.InRange(await agent.PassAsync(asked), 60, 70);
        var failure = await Assert.ThrowsAsync<HostTimeoutException>(() => asked);
        Assert.Contains("host pve1 did not answer 'showHost' for 60 s", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CapacityException>(() => ShowAsync(agent).WaitAsync(s_timeout, s_none));
        Assert.Equal(1, agent.Cancels);
    }

    /// <summary>A change may take its time, but not beyond the half minute after it was stopped.</summary>
    [Fact]
    public async Task A_request_that_is_stopped_ends_within_half_a_minute()
    {
        await using var agent = await FakeAgent.OpenAsync(_ => []);
        using var stop = new CancellationTokenSource();
        var change = agent.Client.RunAsync(
            HostUseCases.ApplyLayout, new ApplyLayoutRequest { Gpus = [], Source = "Enable-Sriov" },
            new RecordingObserver(), stop.Token);
        Assert.Equal(600, await agent.PassAsync(change));
        await stop.CancelAsync();
        Assert.InRange(await agent.PassAsync(change), 30, 40);
        var failure = await Assert.ThrowsAsync<HostTimeoutException>(() => change);
        Assert.Contains("host pve1 has not reported within 30 s that 'applyLayout' is stopped", failure.Message,
            StringComparison.Ordinal);
        Assert.Equal(1, agent.Cancels);
    }

    [Theory]
    [InlineData("""{"kind":"Run","id":7,"useCase":"showHost","body":""", true)]
    [InlineData("""{"id":7,"kind":"Dance"}""", true)]
    [InlineData("""{"kind":"Run","id":7,"useCase":7}""", true)]
    [InlineData("""{"kind":"Run","body":[[[""", false)]
    public async Task An_agent_answers_a_line_that_it_cannot_read_or_ends(string line, bool isAnswered)
    {
        await using var pair = new AgentPair();
        pair.Channel.PostRaw(Encoding.UTF8.GetBytes(line + "\n"));
        if (!isAnswered)
        {
            var ended = await Assert.ThrowsAsync<UnreadableDataException>(
                () => pair.Serving.WaitAsync(s_timeout, s_none));
            Assert.Contains("got a line that it cannot read", ended.Message, StringComparison.Ordinal);
            return;
        }

        while (true)
        {
            var got = await pair.Channel.ReadLineAsync(s_none).WaitAsync(s_timeout, s_none);
            if (AgentProtocol.TryRead(got!.Value.Span) is { Kind: AgentFrameKind.Failure } frame)
            {
                Assert.Equal((7, ErrorIds.UnreadableData), (frame.Id, frame.Failure!.ErrorId));
                return;
            }
        }
    }

    [Fact]
    public async Task An_agent_takes_no_more_requests_than_it_can_keep()
    {
        await using var pair = await AgentPair.OpenAsync();
        using var stop = new CancellationTokenSource();
        var running = Enumerable.Range(0, AgentProtocol.MaxRequests + 1).Select(_ => pair.Client.RunAsync(
            AgentPair.Endless, new ReadHostRequest(), new RecordingObserver(), stop.Token)).ToList();
        var refused = await Assert.ThrowsAsync<ResourceBusyException>(async () => await await Task.WhenAny(running));
        Assert.Contains("256 requests", refused.Message, StringComparison.Ordinal);
        await stop.CancelAsync();
    }

    /// <summary>Answers that nobody reads must not fill the host's memory: whoever sends then waits.</summary>
    [Fact]
    public async Task An_agent_whose_answers_nobody_reads_takes_no_more_requests()
    {
        using var endless = new EndlessPings();
        using var stuck = new StuckStream();
        using var stop = new CancellationTokenSource();
        var channel = new AgentChannel(endless, stuck);
        var server = new AgentServer(
            AgentCommand.Introduce("pve1", true), [], (_, _, _, _) => throw new NotSupportedException(),
            new ManualClock());
        var serving = Task.Run(() => server.RunAsync(channel, stop.Token), s_none);
        for (var tries = 0; !channel.IsBehind && tries < 6000; tries++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.True(channel.IsBehind);
        Assert.InRange(endless.Sent, 1, 8 << 20);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving.WaitAsync(s_timeout, s_none));
    }

    [Fact]
    public async Task A_peer_that_leaves_too_much_unread_loses_the_connection()
    {
        using var endless = new EndlessPings();
        using var stuck = new StuckStream();
        var channel = new AgentChannel(endless, stuck);
        for (var megabytes = 0; megabytes <= (AgentProtocol.MaxUnread >> 20) + 1; megabytes++)
        {
            Assert.NotNull(await channel.ReadLineAsync(s_none));
            channel.PostRaw(new byte[1 << 20]);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            while (await channel.ReadLineAsync(s_none) is not null)
            {
                // What has been read before is still there.
            }
        });
    }

    private static string Refusal(int id) => $$$"""
        {"kind":"Failure","id":{{{id}}},"failure":{"kind":"CapacityException","errorId":"A","message":"m","recommendedAction":"do"}}
        """;

    private static Task<HostReport> ShowAsync(FakeAgent agent) =>
        agent.Client.RunAsync(HostUseCases.ReadHost, new ReadHostRequest(), new RecordingObserver(), s_none);

    private sealed class EndlessPings : FakeStream
    {
        private static readonly byte[] s_line = "{\"kind\":\"Ping\"}\n"u8.ToArray();

        private bool _isClosed;

        public long Sent { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            var count = buffer.Length / s_line.Length * s_line.Length;
            for (var at = 0; at < count; at += s_line.Length)
            {
                s_line.CopyTo(buffer[at..]);
            }

            if (count == 0)
            {
                (buffer.Span[0], count) = ((byte)'\n', 1);
            }

            Sent += count;
            return ValueTask.FromResult(count);
        }

        protected override void Dispose(bool disposing)
        {
            _isClosed = true;
            base.Dispose(disposing);
        }
    }

    private sealed class StuckStream : FakeStream
    {
        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private abstract class FakeStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException(); set =>
            throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
