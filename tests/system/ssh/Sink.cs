using System.Collections.Concurrent;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Execution;
using VgpuPS.Sessions;

namespace VgpuPS.SshTests;

/// <summary>What a command would write.</summary>
internal sealed class Sink(bool isWhatIf = false) : ICommandSink
{
    public ConcurrentQueue<object> Objects { get; } = [];

    public ConcurrentQueue<VgpuException> Failures { get; } = [];

    public ConcurrentQueue<string> Plan { get; } = [];

    public void WriteObject(object value) => Objects.Enqueue(value);

    public void WriteFailure(VgpuException failure) => Failures.Enqueue(failure);

    public void WriteVerbose(string message)
    {
    }

    public void WriteWarning(string message)
    {
    }

    public void WriteProgress(string activity, StepProgress progress)
    {
    }

    public Task<bool> ConfirmAsync(ChangePlan plan)
    {
        foreach (var step in plan.Steps)
        {
            Plan.Enqueue(step);
        }

        return Task.FromResult(!isWhatIf);
    }
}
