using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>One workload in one mode on vGPUs of one GPU, as often as it is repeated.</summary>
/// <param name="host">The host.</param>
/// <param name="choice">What was asked.</param>
/// <param name="gpu">The GPU.</param>
/// <param name="guests">The guests: one alone, or all that work at once.</param>
/// <param name="workload">The workload.</param>
/// <param name="mode">The mode.</param>
/// <param name="leads">How long setting up took in earlier measurements, in seconds.</param>
internal sealed class Measurement(
    HostPorts host, MeasurementChoice choice, MeasuredGpu gpu, IReadOnlyList<GuestBench> guests, Workload workload,
    LoadMode mode, Dictionary<Workload, double> leads)
{
    private const int LeastSamples = 3;

    // Of a run that no sample can be cut from.
    private const double GoodShare = 0.9;

    private readonly Dictionary<GuestBench, VgpuException> _failures = [];
    private readonly Dictionary<GuestBench, MeasuredFigures> _figures =
        guests.ToDictionary(g => g, _ => new MeasuredFigures());

    /// <summary>VMs that should have taken part, and failed before.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Measures.</summary>
    /// <returns>A row or a failure of each guest, in their order.</returns>
    public async Task<List<(GuestBench Guest, PerformanceOutcome Outcome)>> RunAsync(
        CancellationToken cancellationToken)
    {
        try
        {
            return await MeasureAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException failure)
        {
            // The driver does not answer for this GPU; others may be measured. Programs may still run in the guests.
            return [.. guests.Select(g => (g, new PerformanceOutcome(null, Explain(g, Unread(g, failure)))))];
        }
    }

    private HostNotReadyException Unread(GuestBench guest, VgpuException failure) => new(
        failure.ErrorId, $"{guest.Vm.Label}: {gpu.Text} was not read: {failure.Message}", failure.RecommendedAction,
        guest.Vm.Id.ToString());

    private async Task<List<(GuestBench Guest, PerformanceOutcome Outcome)>> MeasureAsync(
        CancellationToken cancellationToken)
    {
        using var watch = new PerformanceWatch(
            host, gpu, [.. guests.Select(g => g.Vm.Vgpu.Active.Handle)]);
        var count = watch.CountVgpus();
        await TryAllAsync(guests, async guest =>
        {
            CheckLicense(watch, guest);
            await guest.KeepLockAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        for (var i = 0; i < choice.Repeat && Alive.Count > 0; i++)
        {
            var run = new CommonRun(host, choice, workload, watch, leads);
            Take(await run.RunAsync(Alive, cancellationToken).ConfigureAwait(false), watch);
            await TryAllAsync(Alive, guest =>
            {
                CheckLicense(watch, guest);
                return Task.CompletedTask;
            }).ConfigureAwait(false);
        }

        return [.. guests.Select(g => (g, _failures.TryGetValue(g, out var failure)
            ? new PerformanceOutcome(null, Explain(g, failure))
            : new PerformanceOutcome(ToRow(g, watch, count), null)))];
    }

    private List<GuestBench> Alive => [.. guests.Where(g => !_failures.ContainsKey(g))];

    private async Task TryAllAsync(IEnumerable<GuestBench> some, Func<GuestBench, Task> work)
    {
        foreach (var guest in some)
        {
            try
            {
                await work(guest).ConfigureAwait(false);
            }
            catch (VgpuException failure)
            {
                _failures[guest] = failure;
            }
        }
    }

    private void CheckLicense(PerformanceWatch watch, GuestBench guest)
    {
        // A guest whose VM has ended, or a driver that does not say it, is found out otherwise.
        if (watch.FindLicense(guest.Vm) is not { } license)
        {
            return;
        }

        _figures[guest].License = license.Status;
        if (license.State != VgpuLicenseState.Licensed)
        {
            throw new HostNotReadyException(
                ErrorIds.LicenseLost,
                $"the vGPU of {guest.Vm.Label} lost its licence while it was measured ({license.Status})",
                $"see why, and license it again: Get-GridLicense {guest.Vm.Id} -FromGuest", guest.Vm.Id.ToString());
        }
    }

    /// <summary>Takes what a run gave: of each guest what lies in the common time.</summary>
    private void Take(IReadOnlyDictionary<GuestBench, GuestOutcome> outcomes, PerformanceWatch watch)
    {
        var runs = new Dictionary<GuestBench, GuestRun>();
        foreach (var (guest, outcome) in outcomes)
        {
            try
            {
                runs[guest] = new GuestRun(outcome.Read(guest, workload), outcome.Clock);
                _figures[guest].Details.UnionWith(outcome.Details);
            }
            catch (VgpuException failure)
            {
                _failures[guest] = failure;
            }
        }

        if (runs.Count == 0)
        {
            return;
        }

        var window = CommonWindow.Of(runs.Values);
        if (window is not null)
        {
            watch.Keep(window);
        }

        foreach (var (guest, run) in runs)
        {
            IReadOnlyList<BenchSample> samples = window is null ? [] : choice.IsCuda ? run.Samples : window.Cut(run);
            if (window is null || samples.Count < (choice.IsCuda ? 1 : LeastSamples))
            {
                _failures[guest] = TooShort(guest, window, samples.Count, runs.Count);
                continue;
            }

            _figures[guest].Add(window, samples, choice.IsCuda && window.Seconds < GoodShare * LengthOf(run)
                ? string.Create(CultureInfo.InvariantCulture,
                    $"all worked together in {window.Seconds:0.0} s of the {LengthOf(run):0.0} s that its program took")
                : null);
        }
    }

    private static double LengthOf(GuestRun run) => run.Samples[^1].EndSeconds - run.Samples[0].StartSeconds;

    private HostTimeoutException TooShort(GuestBench guest, CommonWindow? window, int samples, int count) => new(
        ErrorIds.CommonTimeTooShort,
        window is null
            ? string.Create(CultureInfo.InvariantCulture,
                $"there is no time in which all {count} guests worked for certain, {guest.Vm.Label} among them")
            : string.Create(CultureInfo.InvariantCulture,
                $"{guest.Vm.Label} has {samples} samples in the {window.Seconds:0.0} s that count, and "
                    + $"{LeastSamples} are needed"),
        string.Create(CultureInfo.InvariantCulture,
            $"measure longer: -Seconds {Math.Min(MeasurementChoice.MaxSeconds, Math.Max(30, choice.Seconds * 3))}"),
        guest.Vm.Id.ToString());

    /// <summary>A failure, which also says where nothing more of the guest is measured.</summary>
    private HostProblem Explain(GuestBench guest, VgpuException failure)
    {
        guest.IsLost = failure is HostNotReadyException { ErrorId: not ErrorIds.LicenseLost }
            or ObjectNotFoundException { ErrorId: not ErrorIds.GuestProgramNotFound };
        var problem = HostProblem.Of(failure);
        return problem with
        {
            Message = $"{workload.Name} {mode}: {problem.Message}"
                + (guest.IsLost ? "; no more is measured of it" : ""),
        };
    }

    private VgpuPerformanceInfo ToRow(GuestBench guest, PerformanceWatch watch, int vgpuCount)
    {
        var (vm, figures) = (guest.Vm, _figures[guest]);
        var summary = SampleSummary.Of(figures.Samples);
        return new VgpuPerformanceInfo
        {
            VmId = vm.Id.Value,
            VmName = vm.Os.Guest.Vm.Config.Name,
            Workload = workload.Name,
            Mode = mode.ToString(),
            Tool = choice.Tool.ToString(),
            Value = summary.Median,
            Unit = workload.Unit,
            Spread = summary.Spread,
            Samples = [.. figures.Samples],
            Peak = gpu.Peak is { } peak
                ? vm.IsMigBacked ? vm.Share?.Of(peak, workload) : peak.Of(workload) : null,
            GpuPeak = gpu.Peak?.Of(workload),
            Sharing = vm.IsMigBacked ? "MigBacked" : "TimeSliced",
            VgpuType = vm.Vgpu.TypeName,
            GpuUuid = gpu.Uuid,
            GpuAddress = gpu.Address.ToString(),
            Model = gpu.Model,
            VgpuCount = vgpuCount,
            WorkingCount = Alive.Count,
            Time = figures.Time,
            Seconds = Math.Round(figures.Seconds, 3),
            IsSimulated = guest.Device?.IsSimulated ?? false,
            Conditions = watch.Describe(vm, figures.License),
            Notes = [.. vm.Notes.Concat(watch.Notes()).Concat(figures.Details).Concat(NotesOfOthers()).Distinct()],
        };
    }

    private IEnumerable<string> NotesOfOthers()
    {
        foreach (var label in Missing)
        {
            yield return $"{label} did not take part: it had failed before";
        }

        foreach (var guest in guests.Where(_failures.ContainsKey))
        {
            yield return $"{guest.Vm.Label} failed meanwhile ({_failures[guest].ErrorId}), so that it worked for a "
                + "part of the time at most";
        }
    }
}

/// <summary>What was had of a guest, over all repetitions.</summary>
internal sealed class MeasuredFigures
{
    /// <summary>All samples that count, in order.</summary>
    public List<double> Samples { get; } = [];

    /// <summary>Notes about its own runs.</summary>
    public SortedSet<string> Details { get; } = new(StringComparer.Ordinal);

    /// <summary>Start of the first common time.</summary>
    public DateTime Time { get; private set; }

    /// <summary>Length of all common times.</summary>
    public double Seconds { get; private set; }

    /// <summary>Its licence as it was last seen; null where the driver does not say it.</summary>
    public string? License { get; set; }

    public void Add(CommonWindow window, IReadOnlyList<BenchSample> samples, string? detail)
    {
        Time = Samples.Count == 0 ? DateTime.UnixEpoch.AddSeconds(window.StartSeconds) : Time;
        Seconds += window.Seconds;
        Samples.AddRange(samples.Select(s => s.Value));
        if (detail is not null)
        {
            Details.Add(detail);
        }
    }
}
