using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.Changes;

/// <summary>One step of a change of the host itself: files, units, storages. Each is whole by itself and may be done again.</summary>
/// <param name="Text">What it does, in the imperative, without a full stop.</param>
/// <param name="Action">What the log of changes calls it.</param>
/// <param name="Target">What it is done to.</param>
/// <param name="Run">Does it, and reads it back.</param>
internal sealed record HostStep(string Text, string Action, string Target, Func<CancellationToken, Task> Run)
{
    /// <summary>A step that waits for nothing.</summary>
    public HostStep(string text, string action, string target, System.Action run)
        : this(text, action, target, _ =>
        {
            run();
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Carries steps out in order; what is done stays, and the next call goes on from there.</summary>
    public static async Task<ChangeResult> RunAsync(
        HostPorts host, ChangeRequest request, string target, IReadOnlyList<HostStep> steps,
        IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var plan = new ChangePlan(target, [.. steps.Select(s => s.Text)], []);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []);
        }

        for (var number = 0; number < steps.Count; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = steps[number];
            progress.Report(new StepProgress(number + 1, steps.Count, step.Text));
            await step.Run(cancellationToken).ConfigureAwait(false);
            host.Events.Write(new HostEvent(request.Source, null, step.Action, step.Target, "", ""));
        }

        return new ChangeResult(plan, []);
    }
}
