namespace VgpuPS.Sessions;

/// <summary>
/// Writes to whichever run of a command goes on: a change that was planned in one run writes what it does in the run
/// that executes it.
/// </summary>
internal sealed class RelaySink : ICommandSink
{
    private readonly AsyncLocal<ICommandSink?> _own = new();
    private ICommandSink? _current;

    private ICommandSink Current => _own.Value ?? _current ?? throw new InvalidOperationException("no run has begun");

    /// <summary>Takes over for a run.</summary>
    public ICommandSink To(ICommandSink sink)
    {
        _current = sink;
        return this;
    }

    /// <summary>Takes over for the work that calls it, and for no other.</summary>
    public void ToOwn(ICommandSink sink) => _own.Value = sink;

    public void WriteObject(object value) => Current.WriteObject(value);

    public void WriteFailure(VgpuException failure) => Current.WriteFailure(failure);

    public void WriteVerbose(string message) => Current.WriteVerbose(message);

    public void WriteWarning(string message) => Current.WriteWarning(message);

    public void WriteProgress(string activity, StepProgress progress) => Current.WriteProgress(activity, progress);

    public bool IsWhatIf => Current.IsWhatIf;

    public void WriteNothing(ChangePlan plan) => Current.WriteNothing(plan);

    public Task<bool> ConfirmAsync(ChangePlan plan) => Current.ConfirmAsync(plan);
}
