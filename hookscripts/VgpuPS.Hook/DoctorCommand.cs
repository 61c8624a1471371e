using VgpuPS.Core.Json;
using VgpuPS.Core.Rows;
using VgpuPS.Host;
using VgpuPS.Host.Operations.Doctor;

namespace VgpuPS.Hook;

/// <summary><c>vgpu-hook doctor</c>: looks for every fault that it knows, and says what to do.</summary>
/// <param name="host">The host.</param>
/// <param name="text">What is said.</param>
internal sealed class DoctorCommand(HostPorts host, HookText text)
{
    private const int Found = 1;

    private const string Json = "--json";
    private const string Record = "--record";

    /// <summary>Looks, and reports what it found; <c>--json</c> reports every check, <c>--record</c> keeps the result
    /// for the metrics.</summary>
    /// <param name="options"><c>--json</c>, and names of checks or areas; or <c>--record</c> alone.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>0 when nothing is wrong, 1 when something has failed; a warning alone is 0.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        if (options is [Record])
        {
            var kept = await new RecordDoctor(host).RunAsync(
                new RunDoctorRequest { ForHost = true }, cancellationToken).ConfigureAwait(false);
            Report(kept);

            // What is wrong with the host is no failure of the timer.
            return 0;
        }

        if (options.Contains(Record))
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"{Record} keeps a run of all checks, and goes with nothing else",
                "run it alone: vgpu-hook doctor --record");
        }

        var names = options.Where(o => o != Json).ToList();
        var result = await new RunDoctor(host).RunAsync(
            new RunDoctorRequest { Checks = names, ForHost = true }, cancellationToken).ConfigureAwait(false);
        if (options.Contains(Json))
        {
            text.Say(JsonOutput.Write(result, UseCaseJsonContext.Default.RunDoctorResult));
        }
        else
        {
            Report(result);
        }

        return result.HasFailed ? Found : 0;
    }

    private void Report(RunDoctorResult result)
    {
        foreach (var check in result.Findings)
        {
            text.Say(
                $"{(check.Verdict == nameof(CheckVerdict.Failed) ? "FAILED " : "warning")} {check.Check}: "
                    + $"{check.Evidence}");
            text.Say($"        cause: {check.Cause}");
            text.Say($"        do: {check.RecommendedAction}");
        }

        foreach (var check in result.Checks.Where(c => c.Verdict == nameof(CheckVerdict.Skipped)
            && (c.Evidence.StartsWith("it needs root", StringComparison.Ordinal)
                || c.Evidence.StartsWith("it could not", StringComparison.Ordinal))))
        {
            text.Say($"skipped {check.Check}: {check.Evidence}");
        }

        text.Say(string.Join(", ", result.Checks.GroupBy(c => Enum.Parse<CheckVerdict>(c.Verdict)).OrderBy(g => g.Key)
            .Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}")
            .Prepend($"{result.Checks.Count} checks")));
    }
}
