namespace VgpuPS.Host.Operations.Doctor;

/// <summary>Executes the safe fixes of what the doctor finds, and lets the doctor look again.</summary>
/// <param name="host">The host.</param>
internal sealed class RepairHost(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">A fix fails, or did not help; those before it stay.</exception>
    public async Task<ChangeResult> RunAsync(
        RepairHostRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var doctor = new RunDoctor(host);
        var found = await doctor.RunAsync(
            new RunDoctorRequest { Checks = request.Checks }, cancellationToken).ConfigureAwait(false);
        var repaired = found.Findings.Where(f => f.Repairable).ToList();
        var executor = new Executor(host, request.Source, progress);
        var steps = new RepairPlanner(host, request, executor.Within).Plan(repaired);
        var plan = new ChangePlan($"host {host.Proxmox.Node}", [.. steps.Select(s => s.Text)], [])
        {
            AlreadySo = $"host {host.Proxmox.Node} has no fault that can be repaired without harm",
        };
        if (request.IsPlanOnly || steps.Count == 0)
        {
            return new ChangeResult(plan, []);
        }

        await executor.RunAsync(steps, cancellationToken).ConfigureAwait(false);
        var after = await doctor.RunAsync(new RunDoctorRequest { Checks = [.. repaired.Select(f => f.Check)] },
            cancellationToken).ConfigureAwait(false);
        return after.Findings.FirstOrDefault() is not { } remaining ? new ChangeResult(plan, [new ChangedObject()])
            : throw new HostNotReadyException(
                ErrorIds.ReadBackMismatch, $"{remaining.Check} is still present after its repair: {remaining.Evidence}",
                remaining.RecommendedAction ?? "see Test-VgpuHost", host.Proxmox.Node);
    }
}

/// <summary>Requests the safe fixes of what the doctor finds.</summary>
public sealed record RepairHostRequest : ChangeRequest
{
    /// <summary>Names of checks or areas, with <c>*</c> and <c>?</c>; none for all.</summary>
    public IReadOnlyList<string> Checks { get; set; } = [];
}
