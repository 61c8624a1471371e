using VgpuPS.Host.Execution;
using VgpuPS.Host.Sessions;

namespace VgpuPS.SshTests;

/// <summary>Hears what a session says; acts at its first step.</summary>
internal sealed class Observer(Action? onStep = null) : ISessionObserver
{
    private Action? _onStep = onStep;

    public void Report(StepProgress value) => Interlocked.Exchange(ref _onStep, null)?.Invoke();

    public void Warn(string message) => Console.WriteLine($"     warning: {message}");
}
