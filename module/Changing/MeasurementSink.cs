namespace VgpuPS.Changing;

/// <summary>Hands what a measurement says to a command: rows and failures as they come.</summary>
/// <param name="sink">The command.</param>
/// <param name="activity">What the work is, for display.</param>
/// <param name="session">The host.</param>
internal sealed class MeasurementSink(ICommandSink sink, string activity, IHostSession session) : ISessionObserver
{
    /// <summary>Name of a host that a failure begins with, as those do that come from it otherwise.</summary>
    public static string NameOf(IHostSession session) => session is SshHostSession ? session.Name : "";

    public void Report(StepProgress value)
    {
        if (value.Outcome is null)
        {
            sink.WriteProgress(activity, value);
            return;
        }

        switch (PerformanceOutcomes.Show(value.Outcome, session.Name))
        {
            case { Row: { } row }:
                row.Time = row.Time.ToLocalTime();
                sink.WriteObject(row);
                break;
            case { Problem: { } problem }:
                sink.WriteFailure(problem.ToException(NameOf(session)));
                break;
        }
    }

    public void Warn(string message) => sink.WriteWarning(message);
}
