using System.IO.Pipes;
using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Sessions;
using VgpuPS.Tests.Seams;

namespace VgpuPS.Tests.Ssh;

/// <summary>A module's end, and an agent that answers what a test tells it to, on a clock that the test
/// moves.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private readonly AnonymousPipeServerStream _toAgent = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _fromAgent = new(PipeDirection.In);
    private readonly AnonymousPipeClientStream _input;
    private readonly AnonymousPipeClientStream _output;
    private readonly Func<int, IEnumerable<string>> _answer;
    private readonly Task _serving;
    private int _pings;
    private int _cancels;

    public FakeAgent(Func<int, IEnumerable<string>> answer)
    {
        _answer = answer;
        _input = new AnonymousPipeClientStream(PipeDirection.In, _toAgent.ClientSafePipeHandle);
        _output = new AnonymousPipeClientStream(PipeDirection.Out, _fromAgent.ClientSafePipeHandle);
        Client = new AgentClient(
            "pve1", new AgentChannel(_fromAgent, _toAgent), Clock, () => Task.FromResult<VgpuException>(
            new HostConnectionException(ErrorIds.ConnectionLost, "it has gone", "connect again", "pve1")));
        _serving = ServeAsync();
    }

    public ManualClock Clock { get; } = new();

    public AgentClient Client { get; }

    public int Cancels => Volatile.Read(ref _cancels);

    public static async Task<FakeAgent> OpenAsync(Func<int, IEnumerable<string>> answer)
    {
        var agent = new FakeAgent(answer);
        await agent.Client.OpenAsync(CancellationToken.None);
        return agent;
    }

    /// <summary>Lets time pass, answering pings, until a task ends.</summary>
    /// <returns>Seconds that passed.</returns>
    public async Task<int> PassAsync(Task until, int max = 600)
    {
        var seconds = 0;
        while (!until.IsCompleted && seconds < max)
        {
            var before = Volatile.Read(ref _pings);
            seconds += 5;
            Clock.Advance(TimeSpan.FromSeconds(5));
            for (var tries = 0; Volatile.Read(ref _pings) == before && !until.IsCompleted && tries < 1000; tries++)
            {
                await Task.Delay(1);
            }

            await Task.Delay(5);
        }

        return seconds;
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _serving;
    }

    private async Task ServeAsync()
    {
        await using var output = _output;
        using var lines = new StreamReader(_input);
        try
        {
            await output.WriteAsync(AgentProtocol.Write(new AgentFrame(AgentFrameKind.Hello)
            {
                Hello = new AgentHandshake(AgentProtocol.Version, "0.1.0", "pve1", "root", true, []),
            }));
            while (await lines.ReadLineAsync() is { } line)
            {
                var frame = AgentProtocol.TryRead(Encoding.UTF8.GetBytes(line));
                var answers = frame?.Kind switch
                {
                    AgentFrameKind.Ping => ["""{"kind":"Pong"}"""],
                    AgentFrameKind.Run => _answer(frame.Id),
                    _ => [],
                };
                _ = frame?.Kind == AgentFrameKind.Cancel ? Interlocked.Increment(ref _cancels) : 0;
                foreach (var answer in answers)
                {
                    await output.WriteAsync(Encoding.UTF8.GetBytes(answer + "\n"));
                }

                _ = frame?.Kind == AgentFrameKind.Ping ? Interlocked.Increment(ref _pings) : 0;
            }
        }
        catch (IOException)
        {
            // The module has gone.
        }
    }
}
