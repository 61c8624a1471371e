using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using VgpuPS.Core.Performance;
using VgpuPS.Host.Seams;

namespace VgpuPS.SystemTests.Guest;

/// <summary>Sees what a measurement asks guests for, and what they answer.</summary>
/// <param name="inner">Runs the programs.</param>
internal sealed partial class GuestWitness(IProcessRunner inner) : IProcessRunner
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<(double Low, double High)>> _probes = [];
    private readonly List<string> _answers = [];
    private readonly List<WitnessedRun> _runs = [];

    /// <summary>Called when a guest was told to begin.</summary>
    public Action<WitnessedRun>? Begun { get; set; }

    /// <summary>The host's clock, in seconds since 1970.</summary>
    public static double Now => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>How often guests answered with something.</summary>
    public int Count(string text)
    {
        lock (_lock)
        {
            return _answers.Count(a => a.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <summary>The last run of a workload that gave a result in a guest.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="workload">The workload.</param>
    public WitnessedRun RunOf(int vm, Workload workload)
    {
        lock (_lock)
        {
            return _runs.Last(r => r.Vm == vm && r.Workload == workload && r.Samples.Count > 0);
        }
    }

    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        var before = Now;
        var result = await inner.RunAsync(request, cancellationToken);
        var after = Now;
        var vm = request.Arguments is ["guest", _, var id, ..] ? int.Parse(id, CultureInfo.InvariantCulture) : 101;
        Look(vm, string.Join(' ', request.Arguments), TextOf(request, result), before, after);
        return result;
    }

    public Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken) =>
        inner.WriteAttributeAsync(path, value, deadline, cancellationToken);

    private void Look(int vm, string command, string answer, double before, double after)
    {
        WitnessedRun? begun = null;
        lock (_lock)
        {
            _answers.Add(answer);
            var probes = _probes.TryGetValue(vm, out var known) ? known : _probes[vm] = [];
            if (answer.StartsWith("{\"kind\":\"clock\"", StringComparison.Ordinal))
            {
                var guest = BenchOutput.ReadClock(answer, "guest", "guest");
                probes.Add((guest - after, guest - before));
            }
            else if (BeginPattern().Match(command) is { Success: true } match)
            {
                begun = new WitnessedRun(
                    vm, Workload.All.First(w => w.BenchArguments[0] == match.Groups[1].Value),
                    match.Groups[2] is { Success: true } at
                        ? double.Parse(at.ValueSpan, CultureInfo.InvariantCulture) : double.NaN,
                    probes.Select(p => p.Low).DefaultIfEmpty(double.NaN).Max(),
                    probes.Select(p => p.High).DefaultIfEmpty(double.NaN).Min());
                _runs.Add(begun);
                probes.Clear();
            }
            else if (answer.Contains("\"kind\":\"result\"", StringComparison.Ordinal)
                && _runs.LastOrDefault(r => r.Vm == vm) is { } run)
            {
                run.Samples = BenchOutput.Read(answer.Split('\n', 4)[3], run.Workload, "guest", "guest").Samples;
            }
        }

        if (begun is not null)
        {
            Begun?.Invoke(begun);
        }
    }

    // qm has the program's output in its JSON.
    private static string TextOf(ProcessRequest request, ProcessResult result)
    {
        if (request.Arguments is not ["guest", ..] || result.ExitCode != 0)
        {
            return result.Output;
        }

        using var reply = JsonDocument.Parse(result.Output);
        return reply.RootElement.TryGetProperty("out-data", out var text) ? text.GetString()! : "";
    }

    [GeneratedRegex(@" '?(h2d|d2h|d2d)'? '?--.*?(?:--start-at'? '?([0-9.]+)'?)?$")]
    private static partial Regex BeginPattern();
}

/// <summary>A run of <c>vgpu-bench</c> in a guest, as it was seen on the way there and back.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Workload">The workload.</param>
/// <param name="StartAt">When it was told to begin, by the guest's clock; NaN where it was at once.</param>
/// <param name="Low">The guest's clock less the host's, at least.</param>
/// <param name="High">The same, at most: every answer to a question for the clock bounds it.</param>
internal sealed record WitnessedRun(int Vm, Workload Workload, double StartAt, double Low, double High)
{
    /// <summary>What it printed; empty until it was read.</summary>
    public IReadOnlyList<BenchSample> Samples { get; set; } = [];

    /// <summary>A moment of the guest by the host's clock, at the earliest.</summary>
    public double Earliest(double moment) => moment - High;

    /// <summary>The same, at the latest.</summary>
    public double Latest(double moment) => moment - Low;
}
