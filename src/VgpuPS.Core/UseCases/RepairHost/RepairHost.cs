using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.Steps;
using VgpuPS.Core.UseCases.TestHost;

namespace VgpuPS.Core.UseCases.RepairHost;

/// <summary>Carries out the safe fixes of what the doctor finds, and lets the doctor look again.</summary>
/// <param name="host">The host.</param>
public sealed class RepairHost(HostPorts host)
{
    /// <summary>Plans it, or carries it out.</summary>
    /// <exception cref="VgpuException">A fix fails, or did not help; those before it stay.</exception>
    public async Task<ChangeResult> RunAsync(
        RepairHostRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var doctor = new TestHost.TestHost(host);
        var found = await doctor.RunAsync(new TestHostRequest { Checks = request.Checks }, cancellationToken).ConfigureAwait(false);
        var mended = found.Findings.Where(f => f.Repairable).ToList();
        var executor = new Executor(host, request.Source, progress);
        var steps = new RepairPlanner(host, request, executor.Within).Plan(mended);
        var plan = new ChangePlan($"host {host.Guests.Node}", [.. steps.Select(s => s.Text)], []);
        if (request.IsPlanOnly || steps.Count == 0)
        {
            return new ChangeResult(plan, []);
        }

        await executor.RunAsync(steps, cancellationToken).ConfigureAwait(false);
        var after = await doctor.RunAsync(new TestHostRequest { Checks = [.. mended.Select(f => f.Check)] }, cancellationToken).ConfigureAwait(false);
        return after.Findings.FirstOrDefault() is not { } left ? new ChangeResult(plan, [new ChangedObject()])
            : throw new HostNotReadyException(
                ErrorIds.ReadBackMismatch, $"{left.Check} is still there after its repair: {left.Evidence}", left.RecommendedAction ?? "See Test-VgpuHost", host.Guests.Node);
    }
}
