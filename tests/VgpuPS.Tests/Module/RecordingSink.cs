using VgpuPS.Core.Errors;
using VgpuPS.Host.Execution;
using VgpuPS.Sessions;

namespace VgpuPS.Tests.Module;

/// <summary>Keeps what a runner writes; answers questions as it was told to.</summary>
internal sealed class RecordingSink(bool answer = true) : ICommandSink
{
    private readonly Lock _gate = new();

    public List<object> Objects { get; } = [];

    public List<VgpuException> Failures { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<string> Steps { get; } = [];

    public List<string> Lines { get; } = [];

    public List<ChangePlan> Asked { get; } = [];

    public Action<object>? OnObject { get; set; }

    public void WriteObject(object value)
    {
        lock (_gate)
        {
            Objects.Add(value);
        }

        OnObject?.Invoke(value);
    }

    public void WriteFailure(VgpuException failure) => Keep(Failures, failure);

    public void WriteVerbose(string message)
    {
    }

    public void WriteWarning(string message) => Keep(Warnings, message);

    public void WriteProgress(string activity, StepProgress progress) => Keep(Steps, progress.Text);

    public void WriteProgress(string activity, StepProgress progress, int line) =>
        Keep(Lines, $"{line} {activity} {progress.Text}");

    public void EndProgress(int line) => Keep(Lines, $"{line} ends");

    public Task<bool> ConfirmAsync(ChangePlan plan)
    {
        Keep(Asked, plan);
        return Task.FromResult(answer);
    }

    private void Keep<T>(List<T> list, T value)
    {
        lock (_gate)
        {
            list.Add(value);
        }
    }
}
