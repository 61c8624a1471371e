namespace VgpuPS.Sessions;

/// <summary>Keeps objects and failures of work that goes on beside other work, until it is its turn to be
/// written.</summary>
/// <param name="sink">Where everything else goes at once.</param>
internal sealed class TurnSink(ICommandSink sink) : ICommandSink
{
    private readonly Lock _gate = new();
    private readonly List<Action> _kept = [];
    private bool _isItsTurn;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the work has.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Which of several objects is worked on: <c> (VM 2 of 4)</c>; empty for the only one.</summary>
    public string Place { get; set; } = "";

    /// <summary>Line in which its progress is shown, beside those of other work.</summary>
    public int Line { get; init; }

    public bool IsWhatIf => sink.IsWhatIf;

    /// <summary>The work has ended.</summary>
    public void End()
    {
        sink.EndProgress(Line);
        _ended.TrySetResult();
    }

    /// <summary>Writes what was kept, and from now on at once.</summary>
    public void Write()
    {
        lock (_gate)
        {
            _isItsTurn = true;
            _kept.ForEach(write => write());
            _kept.Clear();
        }
    }

    public void WriteObject(object value) => Keep(() => sink.WriteObject(value));

    public void WriteFailure(VgpuException failure) => Keep(() => sink.WriteFailure(failure));

    public void WriteVerbose(string message) => sink.WriteVerbose(message);

    public void WriteWarning(string message) => sink.WriteWarning(message);

    public void WriteNothing(ChangePlan plan) => sink.WriteNothing(plan);

    public void WriteProgress(string activity, StepProgress progress) =>
        sink.WriteProgress(activity + Place, progress, Line);

    public Task<bool> ConfirmAsync(ChangePlan plan) => sink.ConfirmAsync(plan);

    private void Keep(Action write)
    {
        lock (_gate)
        {
            if (_isItsTurn)
            {
                write();
            }
            else
            {
                _kept.Add(write);
            }
        }
    }
}
