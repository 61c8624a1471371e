using System.Collections.Concurrent;
using VgpuPS.Core.Text;

namespace VgpuPS.Sessions;

/// <summary>Queues what a runner writes for the thread of the pipeline, the only one that PowerShell lets
/// write.</summary>
internal sealed class CommandSink(VgpuCmdlet command, BlockingCollection<Action> queue, CancellationToken stopping)
    : ICommandSink
{
    private const int ActivityId = 1;

    private (string Activity, StepProgress Progress)? _progress;
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
        _progress = (activity, visible);
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

    /// <summary>Shows the step that is being done; on the thread of the pipeline.</summary>
    public void ShowProgress()
    {
        if (_progress is not var (activity, progress))
        {
            return;
        }

        _progress = null;
        _isShown = true;
        command.WriteProgress(new ProgressRecord(ActivityId, activity, progress.Text)
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
