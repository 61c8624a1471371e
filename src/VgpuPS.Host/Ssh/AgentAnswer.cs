using VgpuPS.Core.Contracts;
using VgpuPS.Core.Ports;

namespace VgpuPS.Host.Ssh;

/// <summary>What a request waits for.</summary>
/// <param name="observer">Hears progress and warnings.</param>
internal sealed class AgentAnswer(ISessionObserver observer)
{
    private readonly TaskCompletionSource<AgentFrame> _last = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The line that ends it: a result, a failure, or that it was cancelled.</summary>
    public Task<AgentFrame> Last => _last.Task;

    /// <summary>Takes a line that belongs to it.</summary>
    public void Take(AgentFrame frame)
    {
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
