using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>Executes a plan of measurements: brings the program into all guests, measures, and removes it whatever
/// happens.</summary>
internal sealed class MeasurementRunner(
    HostPorts host, MeasurePerformanceRequest request, MeasurementChoice choice, MeasurementPlan plan,
    IProgress<StepProgress> progress)
{
    private readonly List<GuestBench> _guests = [.. plan.Vms.Select(v => new GuestBench(host, v))];
    private readonly Dictionary<Workload, double> _leads = [];
    private readonly HashSet<string> _lacking = new(StringComparer.Ordinal);
    private readonly Executor _executor = new(host, request.Source, progress);

    /// <summary>Measures; each row and each failure is reported as soon as it is known.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the guests are as they were.</exception>
    public async Task RunAsync(FoundBench program, CancellationToken cancellationToken)
    {
        foreach (var problem in plan.Refused.Where(p => !request.Known.Contains(MeasurePerformanceResult.KeyOf(p))))
        {
            Report(new PerformanceOutcome(null, problem));
        }

        var locked = new List<GuestBench>();
        try
        {
            foreach (var guest in _guests)
            {
                await TryAsync(guest, async () =>
                {
                    await guest.Vm.Os.LockAsync(cancellationToken).ConfigureAwait(false);
                    locked.Add(guest);
                }).ConfigureAwait(false);
            }

            await PrepareAsync(program, cancellationToken).ConfigureAwait(false);
            await MeasureAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(_guests.Where(g => g.IsTouched).Select(RemoveAsync)).ConfigureAwait(false);
            await Task.WhenAll(locked.Select(g => GuestLock.ReleaseAsync(host, g.Vm.Os))).ConfigureAwait(false);
        }
    }

    private async Task PrepareAsync(FoundBench program, CancellationToken cancellationToken)
    {
        var alive = Alive(_guests);
        _executor.Expected = alive.Sum(g => g.Upload(program).Count() + 1) + (plan.CountRuns(choice) / choice.Repeat);
        foreach (var guest in alive)
        {
            await RunAsync(guest, new ChangeStep(
                $"make a folder in {guest.Vm.Label}", guest.MakeFolderAsync), cancellationToken).ConfigureAwait(false);

            // Only now it is known which folder it is.
            foreach (var step in guest.Upload(program))
            {
                await RunAsync(guest, step, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task RunAsync(GuestBench guest, ChangeStep step, CancellationToken cancellationToken) => guest.IsLost
        ? Task.CompletedTask
        : _executor.RunAsync(
            [step with { Run = token => TryAsync(guest, () => step.Run!(token)) }], cancellationToken);

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        foreach (var workload in choice.Workloads)
        {
            foreach (var guest in GuestsOf(plan.Groups.Where(g => g.Modes.Contains(LoadMode.Idle))))
            {
                var gpu = guest.Vm.Gpu;
                (await MeasureAsync(gpu, [guest], workload, LoadMode.Idle, cancellationToken).ConfigureAwait(false))
                    .ForEach(Report);
            }

            // Rows come in the order of the VMs, whichever GPU they are on.
            var found = new List<(GuestBench Guest, PerformanceOutcome Outcome)>();
            foreach (var group in plan.Groups.Where(g => g.Modes.Contains(LoadMode.Loaded)))
            {
                found.AddRange(await MeasureAsync(
                    group.Gpu, GuestsOf([group]), workload, LoadMode.Loaded, cancellationToken).ConfigureAwait(false));
            }

            found.OrderBy(f => f.Guest.Vm.Order).ToList().ForEach(Report);
        }
    }

    private async Task<List<(GuestBench Guest, PerformanceOutcome Outcome)>> MeasureAsync(
        MeasuredGpu gpu, IReadOnlyList<GuestBench> guests, Workload workload, LoadMode mode,
        CancellationToken cancellationToken)
    {
        var alive = Alive(guests);
        var found = new List<(GuestBench, PerformanceOutcome)>();
        if (alive.Count == 0)
        {
            return found;
        }

        var names = string.Join(", ", alive.Select(g => g.Vm.Label));
        await _executor.RunAsync(
            [
                new ChangeStep($"measure {workload.Name} {mode} on {names}", async token =>
                {
                    var measurement = new Measurement(host, choice, gpu, alive, workload, mode, _leads)
                    {
                        Missing = [.. guests.Except(alive).Select(g => g.Vm.Label)],
                    };
                    found = await measurement.RunAsync(token).ConfigureAwait(false);
                }),
            ], cancellationToken).ConfigureAwait(false);
        return found;
    }

    private static List<GuestBench> Alive(IEnumerable<GuestBench> guests) => [.. guests.Where(g => !g.IsLost)];

    private List<GuestBench> GuestsOf(IEnumerable<MeasuredGroup> groups)
    {
        var vms = groups.SelectMany(g => g.Vms).Select(v => v.Id).ToHashSet();
        return [.. _guests.Where(g => vms.Contains(g.Vm.Id))];
    }

    // What fails before anything is measured leaves nothing of the guest to be measured.
    private async Task TryAsync(GuestBench guest, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (VgpuException failure)
        {
            guest.IsLost = true;
            _executor.Report(new PerformanceOutcome(null, HostProblem.Of(failure)));
        }
    }

    private async Task RemoveAsync(GuestBench guest)
    {
        try
        {
            await guest.RemoveAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (VgpuException e)
        {
            host.Warn($"{BenchProgram.Name} was not removed from {guest.Vm.Label}, which the next measurement of it "
                + $"does: {e.Message}");
        }
    }

    private void Report((GuestBench Guest, PerformanceOutcome Outcome) found) => Report(found.Outcome);

    // What a guest lacks it lacks in each mode, and for each workload of the same program.
    private void Report(PerformanceOutcome outcome)
    {
        if (outcome.Problem is not { ErrorId: ErrorIds.GuestProgramNotFound } problem
            || _lacking.Add(problem.Message[(problem.Message.IndexOf(':') + 1)..]))
        {
            _executor.Report(outcome);
        }
    }
}
