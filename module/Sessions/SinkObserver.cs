namespace VgpuPS.Sessions;

/// <summary>Hands what a session says while it works to a command.</summary>
/// <param name="sink">The command.</param>
/// <param name="activity">What the work is, for display.</param>
internal sealed class SinkObserver(ICommandSink sink, string activity) : ISessionObserver
{
    public void Report(StepProgress value) => sink.WriteProgress(activity, value);

    public void Warn(string message) => sink.WriteWarning(message);
}

/// <summary>Hears nothing: for work in the background that shows only its result.</summary>
internal sealed class SilentObserver : ISessionObserver
{
    /// <summary>The only one.</summary>
    public static SilentObserver Instance { get; } = new();

    public void Report(StepProgress value)
    {
    }

    public void Warn(string message)
    {
    }
}
