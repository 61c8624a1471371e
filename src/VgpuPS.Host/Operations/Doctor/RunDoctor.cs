using System.Text.Json.Serialization;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Operations.Doctor;

/// <summary>The doctor: looks for every fault that it knows; changes nothing.</summary>
/// <param name="host">The host.</param>
public sealed class RunDoctor(HostPorts host)
{
    /// <summary>Makes the checks. One that cannot look says so as skipped.</summary>
    /// <exception cref="InvalidRequestException">A name means no check.</exception>
    public async Task<RunDoctorResult> RunAsync(RunDoctorRequest request, CancellationToken cancellationToken)
    {
        var checks = Select(request.Checks);
        var snapshot = new DoctorSnapshot(host, await host.Platform.ReadAsync(cancellationToken).ConfigureAwait(false));
        await snapshot.PlanLayoutAsync(cancellationToken).ConfigureAwait(false);
        var results = new List<VgpuHostTestInfo>();
        foreach (var check in checks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var outcome = Look(check, snapshot);
            results.Add(new VgpuHostTestInfo
            {
                Check = check.Id,
                Area = check.Area,
                Title = check.Title,
                Verdict = outcome.Verdict.ToString(),
                Evidence = outcome.Evidence,
                Cause = outcome.Cause,
                RecommendedAction = !request.ForHost || outcome.Fix is null ? outcome.Fix
                    : outcome.HostFix ?? HostAdvice.Of(outcome.Fix),
                Repairable = check.IsRepairable && !outcome.RepairIsVain
                    && outcome.Verdict is (CheckVerdict.Warning or CheckVerdict.Failed),
            });
        }

        return new RunDoctorResult(results);
    }

    private static IReadOnlyList<HostCheck> Select(IReadOnlyList<string> names)
    {
        var wrong = names.FirstOrDefault(
            n => !n.Contains('*', StringComparison.Ordinal) && !n.Contains('?', StringComparison.Ordinal)
            && !CheckCatalogue.All.Any(c => CheckCatalogue.Matches(n, c)));
        return wrong is not null
            ? throw new InvalidRequestException(
                ErrorIds.CheckNotFound, $"there is no check '{wrong}'",
                "see the checks: vgpu-hook doctor; or Test-VgpuHost", wrong)
            : [.. CheckCatalogue.All.Where(c => names.Count == 0 || names.Any(n => CheckCatalogue.Matches(n, c)))];
    }

    private static CheckOutcome Look(HostCheck check, DoctorSnapshot snapshot)
    {
        try
        {
            return check.Look(snapshot);
        }
        catch (AccessDeniedException e)
        {
            return CheckOutcome.Skip($"it needs root: {e.Message}");
        }
        catch (VgpuException e) when (e is not ProgramFaultException)
        {
            return CheckOutcome.Skip($"it could not be checked: {e.Message}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One check's fault must not take the others along.
            var fault = ProgramFaultException.Explain(e, "checking it", check.Id);
            return CheckOutcome.Fail($"check {check.Id}: {fault.Message}",
                "the check itself has a fault; what it checks may be right", fault.RecommendedAction);
        }
    }
}

/// <summary>What the doctor found.</summary>
/// <param name="Checks">Every check that was made, in the order in which they build on each other.</param>
public sealed record RunDoctorResult(IReadOnlyList<VgpuHostTestInfo> Checks) : IHostRows
{
    /// <summary>Checks that found something.</summary>
    [JsonIgnore]
    public IEnumerable<VgpuHostTestInfo> Findings => Checks.Where(c => !c.Passed);

    /// <summary>Whether something does not work.</summary>
    [JsonIgnore]
    public bool HasFailed => Checks.Any(c => c.Verdict == nameof(CheckVerdict.Failed));

    void IHostRows.Stamp(string host)
    {
        foreach (var row in Checks)
        {
            row.VgpuHost = host;
        }
    }
}

/// <summary>A check of the doctor: looks for one fault.</summary>
/// <param name="Id">Stable name of the fault.</param>
/// <param name="Area">Area that it belongs to.</param>
/// <param name="Title">What is looked at, for display.</param>
/// <param name="Look">Looks.</param>
internal sealed record HostCheck(string Id, string Area, string Title, Func<DoctorSnapshot, CheckOutcome> Look)
{
    /// <summary>Whether a plan of Repair-VgpuHost can execute its fix without risk to VMs.</summary>
    public bool IsRepairable { get; init; }
}

/// <summary>Asks the doctor to look at the host.</summary>
public sealed record RunDoctorRequest
{
    /// <summary>Names of checks or areas, with <c>*</c> and <c>?</c>; none for all.</summary>
    public IReadOnlyList<string> Checks { get; set; } = [];

    /// <summary>Whether the advice is read in a shell on the host, where there is no PowerShell.</summary>
    [JsonIgnore]
    public bool ForHost { get; init; }
}
