using System.Collections.Concurrent;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Sessions;

namespace VgpuPS.Tests.Ssh;

/// <summary>Keeps what a session says while it works.</summary>
internal sealed class RecordingObserver(Action<StepProgress>? onStep = null) : ISessionObserver
{
    public ConcurrentQueue<string> Steps { get; } = [];

    public ConcurrentQueue<string> Warnings { get; } = [];

    public void Report(StepProgress value)
    {
        Steps.Enqueue(value.Text);
        onStep?.Invoke(value);
    }

    public void Warn(string message) => Warnings.Enqueue(message);
}
