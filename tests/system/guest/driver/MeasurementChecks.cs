using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Performance;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;

namespace VgpuPS.SystemTests.Guest;

/// <summary>A measurement whole, with vgpu-bench in real guests, on a simulated host.</summary>
/// <param name="programs">Runs what leads into guests.</param>
/// <param name="guest">The guest that outlives it.</param>
/// <param name="bench">The published <c>vgpu-bench</c>.</param>
internal sealed class MeasurementChecks(IProcessRunner programs, IGuestChannel guest, string bench)
{
    private const int Seconds = 8;

    // Into the run, so that it has begun and is far from its end.
    private static readonly TimeSpan s_middle = TimeSpan.FromSeconds(2);

    // Rounding of what rows say of a window.
    private const double Rounding = 0.002;

    private readonly MeasuredHost _host = new();
    private readonly GuestWitness _witness = new(programs);
    private readonly List<PerformanceOutcome> _outcomes = [];
    private string _name = "";

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Two guests at once, twice; the second is killed in the middle of the second workload.</summary>
    /// <param name="pidFile">Has the process id of the QEMU of VM 102.</param>
    public async Task RunAgentAsync(string pidFile)
    {
        _name = "measured, agent";
        var pid = int.Parse(await File.ReadAllTextAsync(pidFile), CultureInfo.InvariantCulture);
        var killed = KillInTheMiddle(Workload.DeviceToHost, pid);
        await MeasureAsync(new MeasurePerformanceRequest
        {
            Vms = ["101", "102"],
            Workloads = [Workload.HostToDevice.Name, Workload.DeviceToHost.Name],
            Modes = [LoadMode.Loaded],
        });
        var isMeasured = RowOf(101, Workload.HostToDevice) is not null && RowOf(102, Workload.HostToDevice) is not null;
        Check(isMeasured, "both guests have a result");
        if (!isMeasured)
        {
            return;
        }

        Check(Sent(2), "the program arrives in both with its checksum");
        List<WitnessedRun> runs =
            [_witness.RunOf(101, Workload.HostToDevice), _witness.RunOf(102, Workload.HostToDevice)];
        Check(runs[1].Low - runs[0].High > 3000, "the second guest's clock is an hour ahead");
        Check(
            runs.Max(r => r.Earliest(r.StartAt)) <= runs.Min(r => r.Latest(r.StartAt))
                && runs.All(r => r.Samples[0].StartSeconds >= r.StartAt),
            "both are told one moment, each by its own clock, and none begins before");
        foreach (var run in runs)
        {
            CheckWindow(run, runs);
        }

        await killed.WaitAsync(TimeSpan.FromMinutes(2));
        CheckKilled();
        await CheckCleanAsync();
    }

    /// <summary>One guest over SSH.</summary>
    /// <param name="address">Where it is.</param>
    public async Task RunSshAsync(string address)
    {
        _name = "measured, ssh";
        await MeasureAsync(new MeasurePerformanceRequest
        {
            Vms = ["101"],
            Workloads = [Workload.HostToDevice.Name],
            Modes = [LoadMode.Idle],
            Via = GuestVia.Ssh,
            GuestAddress = address,
        });
        Check(Sent(1), "the program arrives with its checksum");
        Check(
            RowOf(101, Workload.HostToDevice) is { } row
                && row.Samples.SequenceEqual(_witness.RunOf(101, Workload.HostToDevice).Samples.Select(s => s.Value)),
            "the guest has a result, and all that it printed counts");
        await CheckCleanAsync();
    }

    private async Task MeasureAsync(MeasurePerformanceRequest request)
    {
        var started = Stopwatch.GetTimestamp();
        var host = await _host.StartAsync(_witness);
        try
        {
            var result = await HostUseCases.MeasurePerformance.RunAsync(
                host, request with { Path = Path.GetFullPath(bench), Seconds = Seconds }, new Progress(_outcomes),
                default);
            if (result.Refused.Count > 0)
            {
                Check(false, $"refused: {string.Join("; ", result.Refused.Select(r => r.Message))}");
            }
        }
        catch (VgpuException e)
        {
            Check(false, $"{e.ErrorId}: {e.Message}");
        }

        Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s      {_name}: "
            + string.Join("; ", _outcomes.Select(o => o.Row?.ToString() ?? $"{o.Problem!.ErrorId}: {o.Problem.Message}")
                .Concat(_host.Warnings)));
    }

    private bool Sent(int guests) => _witness.Count(Sha256.Of(File.ReadAllBytes(bench))) == guests
        && _witness.Count("\"kind\":\"device\"") >= guests;

    // The counted samples, and the window that the row says, lie in the time in which all guests worked for certain.
    private void CheckWindow(WitnessedRun run, IReadOnlyList<WitnessedRun> all)
    {
        var from = all.Max(r => r.Latest(r.Samples[0].StartSeconds));
        var to = all.Min(r => r.Earliest(r.Samples[^1].EndSeconds));
        var row = RowOf(run.Vm, run.Workload);
        var first = row is null ? -1 : Enumerable.Range(0, Math.Max(0, run.Samples.Count - row.Samples.Count + 1))
            .FirstOrDefault(i => run.Samples.Skip(i).Take(row.Samples.Count).Select(s => s.Value)
                .SequenceEqual(row.Samples), -1);
        Check(first >= 0, $"VM {run.Vm}: what counts is a part of what it printed");
        if (first < 0)
        {
            return;
        }

        var last = run.Samples[first + row!.Samples.Count - 1];
        var start = (row.Time - DateTime.UnixEpoch).TotalSeconds;
        Check(
            run.Earliest(run.Samples[first].StartSeconds) >= from - Rounding
                && run.Latest(last.EndSeconds) <= to + Rounding && start >= from - Rounding
                && start + row.Seconds <= to + Rounding && row.WorkingCount == 2,
            string.Create(CultureInfo.InvariantCulture, $"VM {run.Vm}: {row.Samples.Count} of {run.Samples.Count} "
                + $"samples count, all in the {to - from:0.00} s in which both worked"));
    }

    private void CheckKilled()
    {
        // The host's own look at the VM or the agent's silence, whichever is first.
        List<HostProblem> problems = [.. _outcomes.Where(o => o.Problem is not null).Select(o => o.Problem!)];
        Check(
            problems is [{ Target: "102", ErrorId: ErrorIds.VmNotRunning or ErrorIds.GuestAgentNotRunning } problem]
                && problem.Message.StartsWith("DeviceToHost Loaded: ", StringComparison.Ordinal)
                && problem.Message.EndsWith("no more is measured of it", StringComparison.Ordinal),
            "the guest that is killed in the middle has an error for that workload");
        Check(
            RowOf(101, Workload.DeviceToHost) is { } row && RowOf(102, Workload.DeviceToHost) is null
                && row.Notes.Any(n => n.StartsWith("VM 102 (build) failed meanwhile", StringComparison.Ordinal)),
            "the other one has its result, with a note");
        Check(
            _host.Warnings.Any(w => w.StartsWith(
                "vgpu-bench was not removed from VM 102 (build)", StringComparison.Ordinal)),
            "that nothing could be removed from the killed one is said");
    }

    private async Task CheckCleanAsync()
    {
        var left = await guest.RunAsync(
            new GuestCommand("/bin/sh",
                [
                    "-c", "ls -d /run/vgpups* /var/tmp/vgpups*; "
                        + "for p in /proc/[0-9]*; do case $(readlink $p/exe) in /run/vgpups/*) echo $p ;; esac; done",
                ], TimeSpan.FromMinutes(1)), default);
        Check(left.Output.Length == 0, $"program, folder and lock are removed {left.Output.ReplaceLineEndings(" ")}");
    }

    private VgpuPerformanceInfo? RowOf(int vm, Workload workload) => _outcomes.Select(o => o.Row)
        .FirstOrDefault(r => r is not null && r.VmId == vm && r.Workload == workload.Name);

    private Task KillInTheMiddle(Workload workload, int pid)
    {
        var done = new TaskCompletionSource();
        var begun = new HashSet<int>();
        _witness.Begun = run =>
        {
            lock (begun)
            {
                if (run.Workload == workload && begun.Add(run.Vm) && begun.Count == 2)
                {
                    _ = KillAsync(TimeSpan.FromSeconds(Math.Max(0, run.Earliest(run.StartAt) - GuestWitness.Now)));
                }
            }
        };
        return done.Task;

        async Task KillAsync(TimeSpan start)
        {
            try
            {
                await Task.Delay(start + s_middle);
                using var qemu = Process.GetProcessById(pid);
                qemu.Kill();
                _host.End(102);
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
    }

    private void Check(bool isGood, string what)
    {
        (Passed, Failed) = isGood ? (Passed + 1, Failed) : (Passed, Failed + 1);
        Console.WriteLine($"{"",8} {(isGood ? "ok  " : "FAIL")} {_name}: {what}");
    }

    private sealed class Progress(List<PerformanceOutcome> outcomes) : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
            if (value.Outcome is { } outcome)
            {
                outcomes.Add(outcome);
            }
        }
    }
}
