using VgpuPS.Core.Performance;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>Starts a program in several guests at one moment, or in one at once, and waits for all of
/// them.</summary>
/// <param name="host">The host.</param>
/// <param name="choice">What was asked.</param>
/// <param name="workload">The workload.</param>
/// <param name="watch">Looks at the GPU meanwhile.</param>
/// <param name="leads">How long before the start earlier runs had to begin; what this one learns is added.</param>
internal sealed class CommonRun(
    HostPorts host, MeasurementChoice choice, Workload workload, PerformanceWatch watch,
    Dictionary<Workload, double> leads)
{
    private const int MaxTries = 3;
    private const double ShortestInterval = 0.25;
    private const int MostSamples = 150;

    // Assumed: copies are set up in a moment; a driver compiles kernels for some seconds, and each guest waits for the
    // others then. A guest that is late says by how much.
    private const double CopyLead = 6;
    private const double KernelLead = 15;
    private const double MoreLead = 5;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_absence = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_benchTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_cudaTime = TimeSpan.FromMinutes(20);

    private readonly Dictionary<GuestBench, GuestOutcome> _outcomes = [];
    private readonly Dictionary<GuestBench, long> _absent = [];

    /// <summary>Runs it; where a guest was not ready in time, once more with a later start.</summary>
    /// <returns>How it ended in each guest.</returns>
    public async Task<IReadOnlyDictionary<GuestBench, GuestOutcome>> RunAsync(
        IReadOnlyList<GuestBench> guests, CancellationToken cancellationToken)
    {
        var lead = leads.GetValueOrDefault(
            workload, workload.Unit == Workload.DeviceMemory.Unit ? CopyLead : KernelLead);
        for (var attempt = 1; ; attempt++)
        {
            _outcomes.Clear();
            _absent.Clear();
            await RunOnceAsync(guests, lead, cancellationToken).ConfigureAwait(false);
            var late = _outcomes.Values.Where(o => o.IsLate).ToList();
            if (late.Count == 0 || attempt == MaxTries)
            {
                return _outcomes;
            }

            leads[workload] = lead += late.Max(o => o.LateSeconds ?? lead) + MoreLead;
        }
    }

    private async Task RunOnceAsync(
        IReadOnlyList<GuestBench> guests, double lead, CancellationToken cancellationToken)
    {
        await AllAsync(guests, async guest =>
        {
            var tool = choice.IsCuda
                ? await guest.FindAsync(CudaTool.For(workload, choice.Seconds), cancellationToken).ConfigureAwait(false)
                : ((CudaTool, string)?)null;
            var clock = await guest.ReadClockAsync(guests.Count == 1, cancellationToken).ConfigureAwait(false);
            return new GuestOutcome(clock) { Tool = tool?.Item1, Path = tool?.Item2 };
        }).ConfigureAwait(false);

        // One alone has nobody to wait for: it begins when it is ready, and cannot be late.
        var isAlone = guests.Count == 1;
        var start = isAlone ? host.UnixSeconds : host.UnixSeconds + lead;
        var interval = Math.Max(ShortestInterval, (double)choice.Seconds / MostSamples);
        await AllAsync(Waiting, async guest =>
        {
            var outcome = _outcomes[guest];
            var at = isAlone ? (double?)null : outcome.Clock.ToGuest(start);
            await (outcome is { Tool: { } tool, Path: { } path }
                ? guest.BeginAsync(path, tool, at, cancellationToken)
                : guest.BeginAsync(workload, choice.Seconds, interval, at, cancellationToken)).ConfigureAwait(false);
            return outcome;
        }).ConfigureAwait(false);
        await WaitAsync(start, cancellationToken).ConfigureAwait(false);
    }

    private List<GuestBench> Waiting =>
        [.. _outcomes.Where(o => o.Value is { End: null, Failure: null }).Select(o => o.Key)];

    private async Task WaitAsync(double start, CancellationToken cancellationToken)
    {
        var due = start + (choice.IsCuda ? 1 : choice.Seconds);
        var limit = due + (choice.IsCuda ? s_cudaTime : s_benchTime).TotalSeconds;
        while (Waiting is { Count: > 0 } waiting)
        {
            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
            if (host.UnixSeconds >= start)
            {
                watch.Look(host.UnixSeconds);
            }

            foreach (var guest in waiting.Where(g => !host.Proxmox.IsRunning(g.Vm.Id)))
            {
                _outcomes[guest] = _outcomes[guest] with { Failure = Stopped(guest) };
            }

            if (host.UnixSeconds >= due)
            {
                await AllAsync(Waiting, guest => FetchAsync(guest, limit, cancellationToken)).ConfigureAwait(false);
            }
        }
    }

    private async Task<GuestOutcome> FetchAsync(GuestBench guest, double limit, CancellationToken cancellationToken)
    {
        var outcome = _outcomes[guest];
        try
        {
            var end = await guest.FetchAsync(cancellationToken).ConfigureAwait(false);
            lock (_absent)
            {
                _absent.Remove(guest);
            }

            return end is not null || host.UnixSeconds < limit ? outcome with { End = end }
                : outcome with { Failure = TooLong(guest) };
        }
        catch (VgpuException e) when (e.ErrorId is ErrorIds.GuestAgentNotRunning or ErrorIds.Timeout
            && IsPassing(guest))
        {
            // An agent that was restarted comes back, and the program does not depend on it.
            return outcome;
        }
    }

    private bool IsPassing(GuestBench guest)
    {
        lock (_absent)
        {
            if (!_absent.TryGetValue(guest, out var since))
            {
                _absent[guest] = host.Clock.GetTimestamp();
                return true;
            }

            return host.Clock.GetElapsedTime(since) < s_absence;
        }
    }

    private async Task AllAsync(IEnumerable<GuestBench> guests, Func<GuestBench, Task<GuestOutcome>> work)
    {
        var all = guests.ToList();
        var found = await Task.WhenAll(all.Select(TryAsync)).ConfigureAwait(false);
        foreach (var (guest, outcome) in all.Zip(found))
        {
            _outcomes[guest] = outcome;
        }

        async Task<GuestOutcome> TryAsync(GuestBench guest)
        {
            try
            {
                return await work(guest).ConfigureAwait(false);
            }
            catch (VgpuException failure)
            {
                return (_outcomes.GetValueOrDefault(guest) ?? new GuestOutcome(default)) with { Failure = failure };
            }
        }
    }

    private static HostNotReadyException Stopped(GuestBench guest) => new(
        ErrorIds.VmNotRunning, $"{guest.Vm.Label} stopped while it was measured",
        $"see why (journalctl -b -g 'VM {guest.Vm.Id}'), start it and measure again: qm start {guest.Vm.Id}",
        guest.Vm.Id.ToString());

    private HostTimeoutException TooLong(GuestBench guest) => new(
        ErrorIds.Timeout,
        string.Create(CultureInfo.InvariantCulture, $"{guest.Vm.Label}: {workload.Name} has not ended in "
            + $"{(choice.IsCuda ? s_cudaTime : s_benchTime).TotalMinutes:0} minutes"),
        $"look in the guest: nvidia-smi; dmesg | grep -i nvrm; and at the host's GPU: journalctl -k -b -g NVRM",
        guest.Vm.Id.ToString());
}

/// <summary>How a program ended in a guest.</summary>
/// <param name="Clock">The guest's clock.</param>
internal sealed record GuestOutcome(GuestClock Clock)
{
    /// <summary>The guest's own program; null for <c>vgpu-bench</c>.</summary>
    public CudaTool? Tool { get; init; }

    /// <summary>Where that is.</summary>
    public string? Path { get; init; }

    /// <summary>How it ended; null while it runs, or where that was not had.</summary>
    public BenchEnd? End { get; init; }

    /// <summary>Why its end was not had.</summary>
    public VgpuException? Failure { get; init; }

    /// <summary>What the figure was had with; empty but for programs that say it.</summary>
    public HashSet<string> Details { get; } = [];

    /// <summary>Whether it was not ready at the common start.</summary>
    public bool IsLate => End is { Code: 75 } end && BenchFailures.IsLate(end.Error);

    /// <summary>By how many seconds.</summary>
    public double? LateSeconds => BenchFailures.LateSeconds(End?.Error ?? "");

    /// <summary>Its samples by the guest's clock.</summary>
    /// <exception cref="VgpuException">There are none; says why.</exception>
    public IReadOnlyList<BenchSample> Read(GuestBench guest, Workload workload)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        var (vm, end) = (guest.Vm, End!);
        if (end.Code != 0)
        {
            throw BenchFailures.Of(vm, Tool?.Program ?? BenchProgram.Name, end.Code, end.Error);
        }

        return Tool is null
            ? BenchOutput.Read(end.Output, workload, vm.Label, vm.Id.ToString()).Samples : [ReadTool(Tool, vm, end)];
    }

    private BenchSample ReadTool(CudaTool tool, MeasuredVm vm, BenchEnd end)
    {
        try
        {
            var reading = tool.Read(end.Output);
            Details.Add($"by {tool.Program}{(reading.Detail is null ? "" : $", {reading.Detail}")}");
            return end is { StartSeconds: { } from, EndSeconds: { } to } && to > from
                ? new BenchSample(from, to, reading.Value)
                : throw new FormatException("it took no time");
        }
        catch (FormatException e)
        {
            throw new UnreadableDataException(
                ErrorIds.BenchOutputUnusable,
                $"the output of {tool.Program} in {vm.Label} cannot be used: {e.Message}",
                $"run it in the guest and look: {Path} {string.Join(' ', tool.Arguments)}", vm.Id.ToString(), e);
        }
    }
}
