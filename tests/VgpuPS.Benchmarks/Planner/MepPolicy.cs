using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>The product's planner: its table, its decision and its learned demand.</summary>
internal sealed class MepPolicy : IPolicy
{
    // Source: planner.md 4, step 1.
    private const int RefitInterval = 500;

    private readonly StudyModel _model;
    private readonly int _moves;
    private readonly bool _learns;
    private PriceTable _table;
    private IReadOnlyDictionary<string, double>? _demand;
    private int _requests;

    /// <summary>Makes the policy.</summary>
    /// <param name="model">The GPUs' model.</param>
    /// <param name="shares">The mix; null to learn it.</param>
    /// <param name="moves">How many instances may move when a request is blocked.</param>
    public MepPolicy(StudyModel model, double[]? shares, int moves)
    {
        _model = model;
        _moves = moves;
        _learns = shares is null;
        _table = PriceTable.Fit(model.Shapes, shares ?? DemandEstimate.Shares(null, model.Shapes));
    }

    public void Learn(int shape)
    {
        if (!_learns)
        {
            return;
        }

        _demand = DemandEstimate.Learn(_demand, _model.Shapes, _model.Shapes[shape].Name);
        if (++_requests % RefitInterval == 0)
        {
            _table = PriceTable.Fit(_model.Shapes, DemandEstimate.Shares(_demand, _model.Shapes));
        }
    }

    public Choice? Choose(Cluster cluster, int shape) =>
        _table.FindBest(_model.Shapes[shape], cluster.Gpus) is { } place ? new Choice(place.Gpu, place.Window, [])
        : _moves == 0 ? null
        : FindMoves(cluster, shape);

    /// <summary>
    /// Evicts what overlaps one window, each into a place that is free now; the fewest moves, then the least loss of
    /// Phi.
    /// </summary>
    /// <remarks>Source: planner.md 5.1: the weaker form that its figures were made with.</remarks>
    private Choice? FindMoves(Cluster cluster, int shape)
    {
        var wanted = _model.Shapes[shape];
        (int Moves, double ConnectionError, Choice Choice)? best = null;
        for (var gpu = 0; gpu < cluster.Gpus.Length; gpu++)
        {
            foreach (var window in wanted.Windows)
            {
                var evicted = cluster.On(gpu).Where(i => i.Window.Overlaps(window)
                    || (wanted.TakesMedia && _model.Shapes[i.Shape].TakesMedia)).ToList();
                if (evicted.Count > Math.Min(_moves, best?.Moves ?? _moves))
                {
                    continue;
                }

                if (TryEvict(cluster, wanted, gpu, window, evicted) is { } found
                    && (best is not { } known
                        || (evicted.Count, found.ConnectionError).CompareTo((known.Moves, known.ConnectionError)) < 0))
                {
                    best = (evicted.Count, found.ConnectionError, found.Choice);
                }
            }
        }

        return best?.Choice;
    }

    private (double ConnectionError, Choice Choice)? TryEvict(
        Cluster cluster, ProfileShape wanted, int gpu, Placement window, List<Instance> evicted)
    {
        // The old windows stay taken while the evicted are placed: "free now".
        var gpus = cluster.Gpus.ToArray();
        gpus[gpu] = gpus[gpu].With(wanted, window);
        var after = cluster.Gpus.ToArray();
        var freed = evicted.Aggregate(0u, (mask, i) => mask | i.Window.Mask);
        var freesMedia = evicted.Exists(i => _model.Shapes[i.Shape].TakesMedia);
        after[gpu] = new Occupancy(after[gpu].Mask & ~freed, after[gpu].MediaTaken && !freesMedia).With(wanted, window);
        var moves = new List<(Instance, int, Placement)>();
        foreach (var instance in evicted.OrderByDescending(i => i.Window.Size))
        {
            var moved = _model.Shapes[instance.Shape];
            if (_table.FindBest(moved, gpus) is not { } place)
            {
                return null;
            }

            gpus[place.Gpu] = gpus[place.Gpu].With(moved, place.Window);
            after[place.Gpu] = after[place.Gpu].With(moved, place.Window);
            moves.Add((instance, place.Gpu, place.Window));
        }

        var loss = 0.0;
        for (var g = 0; g < after.Length; g++)
        {
            loss += after[g] == cluster.Gpus[g] ? 0 : _table[cluster.Gpus[g]] - _table[after[g]];
        }

        return (loss, new Choice(gpu, window, moves));
    }
}
