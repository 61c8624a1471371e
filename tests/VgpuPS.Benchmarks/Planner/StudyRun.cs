using System.Diagnostics;
using VgpuPS.Core.Planning;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>What one policy did with one stream.</summary>
/// <param name="Accepted">Share of requests accepted.</param>
/// <param name="Slices">Share of requested slices accepted.</param>
/// <param name="Largest">Share of requests for the largest profile asked for that were accepted; NaN without
/// any.</param>
/// <param name="ActiveGpus">GPUs that carry something, mean over time.</param>
/// <param name="StopsPerAccepted">Instances moved for each request accepted.</param>
/// <param name="Microseconds">Time of each decision.</param>
internal sealed record RunResult(
    double Accepted, double Slices, double Largest, double ActiveGpus, double StopsPerAccepted,
    List<double> Microseconds);

/// <summary>Plays one stream against one policy.</summary>
internal sealed class StudyRun(StudyModel model, RequestStream stream)
{
    private readonly int _largest = stream.Requests.MaxBy(r => model.Shapes[r.Shape].Size).Shape;
    private readonly List<double> _microseconds = [];
    private int _requested;
    private int _accepted;
    private long _slicesRequested;
    private long _slicesAccepted;
    private int _largestRequested;
    private int _largestAccepted;
    private long _stops;
    private double _activeTime;
    private double _now;

    /// <summary>With a policy that places instances one by one.</summary>
    public RunResult Play(IPolicy policy, int gpus)
    {
        var cluster = new Cluster(model, gpus);
        var ends = new PriorityQueue<Instance, double>();
        foreach (var request in stream.Requests)
        {
            while (ends.TryPeek(out var ended, out var end) && end <= request.Time)
            {
                Advance(end, cluster.ActiveGpus);
                ends.Dequeue();
                cluster.Remove(ended);
            }

            Advance(request.Time, cluster.ActiveGpus);
            policy.Learn(request.Shape);
            var started = Stopwatch.GetTimestamp();
            var choice = policy.Choose(cluster, request.Shape);
            _microseconds.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            foreach (var (instance, gpu, window) in choice?.Moves ?? [])
            {
                cluster.Move(instance, gpu, window);
            }

            if (choice is not null)
            {
                ends.Enqueue(cluster.Place(request.Shape, choice.Gpu, choice.Window), request.Time + request.Life);
            }

            Count(request, choice is not null, choice?.Moves.Count ?? 0);
        }

        return Result();
    }

    /// <summary>Accepts what could be packed if everything were moved: the bound that no policy passes for
    /// long.</summary>
    public RunResult PlayOracle(RepackBound bound, int gpus)
    {
        var counts = new int[model.Shapes.Count];
        var ends = new PriorityQueue<int, double>();
        foreach (var request in stream.Requests)
        {
            while (ends.TryPeek(out var ended, out var end) && end <= request.Time)
            {
                Advance(end, FindFewestGpus(bound, counts));
                ends.Dequeue();
                counts[ended]--;
            }

            Advance(request.Time, FindFewestGpus(bound, counts));
            counts[request.Shape]++;
            var fits = bound.Fits(counts, gpus);
            if (fits)
            {
                ends.Enqueue(request.Shape, request.Time + request.Life);
            }
            else
            {
                counts[request.Shape]--;
            }

            Count(request, fits, 0);
        }

        return Result();
    }

    private static int FindFewestGpus(RepackBound bound, ReadOnlySpan<int> counts)
    {
        var gpus = 0;
        while (!bound.Fits(counts, gpus))
        {
            gpus++;
        }

        return gpus;
    }

    private void Advance(double time, int active)
    {
        var from = Math.Max(_now, stream.WarmUp);
        _activeTime += time > from ? (time - from) * active : 0;
        _now = time;
    }

    private void Count(Request request, bool accepted, int stops)
    {
        if (request.Time < stream.WarmUp)
        {
            return;
        }

        var size = model.Shapes[request.Shape].Size;
        _requested++;
        _slicesRequested += size;
        _largestRequested += request.Shape == _largest ? 1 : 0;
        if (accepted)
        {
            _accepted++;
            _slicesAccepted += size;
            _largestAccepted += request.Shape == _largest ? 1 : 0;
            _stops += stops;
        }
    }

    private RunResult Result() => new(
        (double)_accepted / _requested, (double)_slicesAccepted / _slicesRequested,
        _largestRequested == 0 ? double.NaN : (double)_largestAccepted / _largestRequested,
        _activeTime / (_now - stream.WarmUp), _accepted == 0 ? 0 : (double)_stops / _accepted, _microseconds);
}
