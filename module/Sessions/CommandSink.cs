using System.Collections.Concurrent;
using System.Globalization;
using VgpuPS.Core.Text;

namespace VgpuPS.Sessions;

/// <summary>Queues what a runner writes for the thread of the pipeline, the only one that PowerShell lets
/// write.</summary>
internal sealed class CommandSink(VgpuCmdlet command, BlockingCollection<Action> queue, CancellationToken stopping)
    : ICommandSink
{
    private const int FirstActivity = 1;

    // One a line; only on the thread of the pipeline.
    private readonly SortedDictionary<int, ShownProgress> _lines = [];

    // Made on the thread of the pipeline.
    public bool IsWhatIf { get; } = new PlanConfirmation(command).IsWhatIf;

    public void WriteObject(object value) => Post(() => command.Take(value));

    public void WriteFailure(VgpuException failure) => Post(() => command.Take(failure));

    public void WriteVerbose(string message) =>
        Post(() => command.WriteVerbose(VisibleText.Of(message, keepLines: true)));

    public void WriteWarning(string message) =>
        Post(() => command.WriteWarning(VisibleText.Of(message, keepLines: true)));

    public void WriteProgress(string activity, StepProgress progress) => WriteProgress(activity, progress, 0);

    public void WriteProgress(string activity, StepProgress progress, int line) => Post(() =>
    {
        var visible = progress with { Text = VisibleText.Of(progress.Text) };
        command.WriteVerbose(visible.Text);
        _lines[line] = new ShownProgress(activity, visible)
        {
            IsShown = _lines.TryGetValue(line, out var before) && before.IsShown,
        };
    });

    public void EndProgress(int line) => Post(() =>
    {
        if (_lines.Remove(line, out var progress) && progress.IsShown)
        {
            Complete(line);
        }
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

    /// <summary>Shows the steps that are being done, and for how many seconds; on the thread of the
    /// pipeline.</summary>
    public void ShowProgress()
    {
        foreach (var (line, progress) in _lines)
        {
            Show(line, progress);
        }
    }

    /// <summary>Takes shown progress away; on the thread of the pipeline.</summary>
    public void EndProgress()
    {
        foreach (var (line, _) in _lines.Where(l => l.Value.IsShown).ToList())
        {
            Complete(line);
        }

        _lines.Clear();
    }

    private void Show(int line, ShownProgress shown)
    {
        var (progress, seconds) = (
            shown.Progress, (long)TimeProvider.System.GetElapsedTime(shown.Since).TotalSeconds);
        if (seconds == shown.Seconds)
        {
            return;
        }

        (shown.Seconds, shown.IsShown) = (seconds, true);
        var text = seconds == 0 ? progress.Text
            : string.Create(CultureInfo.InvariantCulture, $"{progress.Text} ({seconds} s)");
        command.WriteProgress(new ProgressRecord(FirstActivity + line, shown.Activity, text)
        {
            PercentComplete = progress.Count > 0 ? Math.Clamp((progress.Step - 1) * 100 / progress.Count, 0, 100) : -1,
        });
    }

    private void Complete(int line)
    {
        try
        {
            command.WriteProgress(new ProgressRecord(FirstActivity + line, "VgpuPS", "done")
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

/// <summary>A step that is being done.</summary>
/// <param name="Activity">What it belongs to.</param>
/// <param name="Progress">The step.</param>
internal sealed record ShownProgress(string Activity, StepProgress Progress)
{
    /// <summary>When it began, as a timestamp.</summary>
    public long Since { get; } = TimeProvider.System.GetTimestamp();

    /// <summary>Seconds that are shown; -1 before it is.</summary>
    public long Seconds { get; set; } = -1;

    /// <summary>Whether its line is shown, by this step or an earlier one.</summary>
    public bool IsShown { get; set; }
}
