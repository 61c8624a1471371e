using VgpuPS.Core.Contracts;
using VgpuPS.Core.Ports;

namespace VgpuPS.Host.Ssh;

/// <summary>What a request waits for.</summary>
/// <param name="observer">Hears progress and warnings.</param>
/// <param name="clock">Clock of its signs of life.</param>
internal sealed class AgentAnswer(ISessionObserver observer, TimeProvider clock)
{
    private long _lastSign = clock.GetTimestamp();

    private readonly TaskCompletionSource<AgentFrame> _last = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The line that ends it: a result, a failure, or that it was cancelled.</summary>
    public Task<AgentFrame> Last => _last.Task;

    /// <summary>How long nothing has come that belongs to it.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref _lastSign));

    /// <summary>Takes a line that belongs to it.</summary>
    public void Take(AgentFrame frame)
    {
        Volatile.Write(ref _lastSign, clock.GetTimestamp());
        switch (frame)
        {
            case { Kind: AgentFrameKind.Progress, Progress: { } step }:
                observer.Report(step);
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
