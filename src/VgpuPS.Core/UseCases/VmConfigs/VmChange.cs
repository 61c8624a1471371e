using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>A change of a VM's configuration that has been decided on, hook included.</summary>
/// <param name="Vm">The VM as it was read.</param>
/// <param name="Values">Keys to set, beside the hookscript.</param>
/// <param name="Deletions">Keys to delete.</param>
/// <param name="Hook">What is missing of the hook.</param>
/// <param name="Plan">The plan as it was shown.</param>
internal sealed record VmChange(
    VmSubject Vm, IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Deletions, HookPlan Hook,
    ChangePlan Plan)
{
    /// <summary>Carries it out: file and chain first, then the configuration as one write.</summary>
    public async Task RunAsync(
        HostPorts host, HookPlanner planner, string source, IProgress<StepProgress> progress,
        CancellationToken cancellationToken)
    {
        for (var step = 0; step < Plan.Steps.Count; step++)
        {
            progress.Report(new StepProgress(step + 1, Plan.Steps.Count, Plan.Steps[step]));
        }

        planner.Prepare(Vm, Hook, source);
        var values = new Dictionary<string, string>(Values, StringComparer.Ordinal);
        if (Hook.Volume is { } volume)
        {
            values["hookscript"] = volume;
        }

        if (values.Count == 0 && Deletions.Count == 0)
        {
            return;
        }

        try
        {
            await new VmChanger(host, source).ApplyAsync(Vm, values, Deletions, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException)
        {
            planner.Undo(Vm, Hook);
            throw;
        }
    }
}
