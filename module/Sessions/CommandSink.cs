using System.Collections.Concurrent;
using System.Globalization;
using VgpuPS.Core.Text;

namespace VgpuPS.Sessions;

/// <summary>Queues what a runner writes for the thread of the pipeline, the only one that PowerShell lets
/// write.</summary>
internal sealed class CommandSink(VgpuCmdlet command, BlockingCollection<Action> queue, CancellationToken stopping)
    : ICommandSink
{
    private const int ActivityId = 1;

    private (string Activity, StepProgress Progress, long Since)? _progress;
    private long _shownSeconds = -1;
    private bool _isShown;

    // Made on the thread of the pipeline.
    public bool IsWhatIf { get; } = new PlanConfirmation(command).IsWhatIf;

    public void WriteObject(object value) => Post(() => command.Take(value));

    public void WriteFailure(VgpuException failure) => Post(() => command.Take(failure));

    public void WriteVerbose(string message) =>
        Post(() => command.WriteVerbose(VisibleText.Of(message, keepLines: true)));

    public void WriteWarning(string message) =>
        Post(() => command.WriteWarning(VisibleText.Of(message, keepLines: true)));

    public void WriteProgress(string activity, StepProgress progress) => Post(() =>
    {
        var visible = progress with { Text = VisibleText.Of(progress.Text) };
        command.WriteVerbose(visible.Text);
        (_progress, _shownSeconds) = ((activity, visible, TimeProvider.System.GetTimestamp()), -1);
    });

    public void WriteNothing(ChangePlan plan) => Post(() => new PlanConfirmation(command).ShowNothing(plan));

    public Task<bool> ConfirmAsync(ChangePlan plan)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isPosted = Post(() =>
        {
            try
            {
                answer.TrySetResult(new PlanConfirmation(command).Ask(plan));
            }
            catch (VgpuException failure)
            {
                answer.TrySetException(failure);
            }
            catch
            {
                answer.TrySetResult(false);
                throw;
            }
        });
        return isPosted ? answer.Task.WaitAsync(stopping) : Task.FromResult(false);
    }

    /// <summary>Shows the step that is being done, and for how many seconds; on the thread of the pipeline.</summary>
    public void ShowProgress()
    {
        if (_progress is not var (activity, progress, since))
        {
            return;
        }

        var seconds = (long)TimeProvider.System.GetElapsedTime(since).TotalSeconds;
        if (seconds == _shownSeconds)
        {
            return;
        }

        _shownSeconds = seconds;
        _isShown = true;
        var text = seconds == 0 ? progress.Text
            : string.Create(CultureInfo.InvariantCulture, $"{progress.Text} ({seconds} s)");
        command.WriteProgress(new ProgressRecord(ActivityId, activity, text)
        {
            PercentComplete = progress.Count > 0 ? Math.Clamp((progress.Step - 1) * 100 / progress.Count, 0, 100) : -1,
        });
    }

    /// <summary>Takes a shown progress away; on the thread of the pipeline.</summary>
    public void EndProgress()
    {
        if (!_isShown)
        {
            return;
        }

        _isShown = false;
        try
        {
            command.WriteProgress(new ProgressRecord(ActivityId, "VgpuPS", "done")
            {
                RecordType = ProgressRecordType.Completed,
            });
        }
        catch (PipelineStoppedException)
        {
            // There is no reader any more.
        }
    }

    private bool Post(Action write)
    {
        try
        {
            queue.Add(write, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            // The pipeline has ended.
            return false;
        }
    }
}
