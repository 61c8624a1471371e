namespace VgpuPS.Core.Planning;

/// <summary>
/// Finds the fewest holders to stop so that a wanted instance fits and all that stopped fits again, with the place of
/// each; among equals the one whose places cost least, then the one that moves the fewest memory slices.
/// </summary>
/// <remarks>
/// Source: planner.md 5.1. Those who stop release their windows first, so chains are found, within a GPU too. All sets
/// of one size are looked at before the next size; once <see cref="StepLimit"/> is reached only sets that overlap one
/// window of the wanted instance are, each into places that are free: then fewer may be possible.
/// </remarks>
public sealed partial class RestartSearch
{
    /// <summary>States looked at before it is bounded.</summary>
    public const int StepLimit = 200_000;

    private readonly RestartProblem _problem;
    private readonly Func<RestartSolution, bool> _accepts;
    private readonly List<int> _pending = [];
    private readonly List<int> _trail = [];
    private int _limit;
    private int _steps;
    private bool _isDirect;
    private bool _isCut;
    private RestartSolution? _best;

    private RestartSearch(RestartProblem problem, Func<RestartSolution, bool> accepts)
    {
        _problem = problem;
        _accepts = accepts;
        _items = [.. problem.Held.Select(h => h.Again), problem.Wanted];
        _sites = [.. problem.Gpus.Select(g => new Site(g))];
        _windows = [.. _items.Select(i => problem.Gpus.Select(g => g.Find(i.Profile)).ToArray())];
        _size = [.. _windows.Select(w => w.Max(s => s?.Size) ?? int.MaxValue)];
        _homes = FindHomes();
        _holders = problem.Held.SelectMany(h => h.Holders).Distinct().Order().ToArray();
        _holdersOf = [.. problem.Held.Select(h => h.Holders.Select(v => Array.IndexOf(_holders, v)).ToArray())];
        _instancesOf = [.. _holders.Select((_, v) => Indices(_holdersOf, o => o.Contains(v)))];
        _isStopped = new bool[_holders.Length];
        _left = [.. _holdersOf.Select(o => o.Length)];
        _places = new RestartPlace[_items.Length];
        _room = [.. problem.Seats.Select(s => s.Free)];
        foreach (var (held, index) in problem.Held.Select((h, i) => (h, i)))
        {
            _sites[held.Gpu].Held.Add(index);
            _sites[held.Gpu].Movable |= held.Window.Mask;
        }

        _kinds = FindKinds();
        _options = FindOptions();
    }

    /// <summary>Finds the set and the places.</summary>
    /// <param name="problem">The GPUs, what may move on them, and what is wanted.</param>
    /// <param name="limit">The most that may stop.</param>
    /// <param name="accepts">Whether a solution can be carried out; those that cannot are passed over.</param>
    /// <returns>The solution, with none to stop where it fits already; null when there is none.</returns>
    public static RestartOutcome Find(RestartProblem problem, int limit, Func<RestartSolution, bool>? accepts = null)
    {
        if (!problem.MayFit())
        {
            return new RestartOutcome(null, IsImpossible: true, IsExact: true);
        }

        var search = new RestartSearch(problem, accepts ?? (_ => true));
        var most = Math.Min(limit, search._holders.Length);
        for (search._limit = 0; search._limit <= most && search._best is null; search._limit++)
        {
            search.Run(StepLimit, isDirect: search._isCut);
        }

        return new RestartOutcome(search._best, IsImpossible: false, IsExact: !search._isDirect);
    }

    private void Run(int budget, bool isDirect)
    {
        _isDirect = isDirect;
        _steps = isDirect ? 0 : _steps;
        var wasCut = _isCut;
        _isCut = false;
        _pending.Add(_items.Length - 1);
        Place(0, budget);
        _pending.Clear();
        if (_isCut && !isDirect && _best is null)
        {
            Run(budget, isDirect: true);
        }

        _isCut |= wasCut || isDirect;
    }

    private void Place(int depth, int budget)
    {
        if (++_steps > budget)
        {
            _isCut = true;
            return;
        }

        if (_pending.Count == 0)
        {
            Keep();
            return;
        }

        var at = LargestPending();
        var item = _pending[at];
        _pending.RemoveAt(at);
        if (FindSeat(item) is { } seat)
        {
            Sit(item, seat, depth, budget);
        }
        else
        {
            PlaceOnGpus(item, depth, budget);
        }

        _pending.Insert(at, item);
    }

    private void PlaceOnGpus(int item, int depth, int budget)
    {
        var seen = SeenAt(depth);
        foreach (var option in _options[item])
        {
            if (option.Stops > _limit - _trail.Count || _isCut)
            {
                break;
            }

            // GPUs of one kind that nothing has happened to are worth the same.
            var key = (_kinds[option.Gpu] * WindowLimit) + option.Window.Start;
            if (_sites[option.Gpu].Touched == 0 && seen[key] != _node[depth])
            {
                seen[key] = _node[depth];
                Try(item, option.Gpu, option.Shape, option.Window, depth, budget);
            }
        }

        for (var at = 0; at < _touched.Count && !_isCut; at++)
        {
            var gpu = _touched[at];
            if (_windows[item][gpu] is { } shape && _items[item].Gpus.Contains(gpu))
            {
                foreach (var window in shape.Windows)
                {
                    Try(item, gpu, shape, window, depth, budget);
                }
            }
        }
    }

    private void Try(int item, int gpu, ProfileShape shape, Placement window, int depth, int budget)
    {
        var site = _sites[gpu];
        var taken = site.Mask & window.Mask;
        var needsMedia = shape.TakesMedia && site.HasMedia;
        var mark = _trail.Count;
        if ((taken & ~site.Movable) != 0
            || ((taken != 0 || needsMedia) && !TryClear(item, site, window, needsMedia, mark)))
        {
            Restore(mark);
            return;
        }

        var hadMedia = site.HasMedia;
        site.Mask |= window.Mask;
        site.HasMedia |= shape.TakesMedia;
        Touch(gpu);
        _places[item] = new RestartPlace(gpu, window, null);
        Place(depth + 1, budget);
        Untouch(gpu);
        site.HasMedia = hadMedia;
        site.Mask &= ~window.Mask;
        Restore(mark);
    }

    /// <summary>Stops all who are in the way; false where they must stay, or would be too many.</summary>
    private bool TryClear(int item, Site site, Placement window, bool needsMedia, int mark)
    {
        if (_isDirect && item != _items.Length - 1)
        {
            return false;
        }

        int? only = null;
        var count = 0;
        foreach (var held in site.Held)
        {
            var instance = _problem.Held[held];
            if (_left[held] > 0 && (instance.Window.Overlaps(window) || (needsMedia && instance.TakesMedia)))
            {
                (only, count) = (held, count + 1);
                foreach (var holder in _holdersOf[held])
                {
                    Stop(holder);
                }
            }

            if (_trail.Count > _limit)
            {
                return false;
            }
        }

        // One that changes places with its like could go where that one goes.
        var isSwap = count == 1 && _trail.Count == mark + 1 && _instancesOf[_trail[mark]].Length == 1
            && _items[only!.Value].Profile == _items[item].Profile && _homes[only.Value] == _homes[item];
        return !isSwap && !(needsMedia && site.HasMedia);
    }

    private void Stop(int holder)
    {
        if (_isStopped[holder])
        {
            return;
        }

        _isStopped[holder] = true;
        _trail.Add(holder);
        foreach (var held in _instancesOf[holder])
        {
            if (--_left[held] == 0)
            {
                var instance = _problem.Held[held];
                _sites[instance.Gpu].Release(instance);
                Touch(instance.Gpu);
                _pending.Add(held);
            }
        }
    }

    private void Restore(int mark)
    {
        while (_trail.Count > mark)
        {
            var holder = _trail[^1];
            _trail.RemoveAt(_trail.Count - 1);
            _isStopped[holder] = false;
            foreach (var held in _instancesOf[holder])
            {
                if (_left[held]++ == 0)
                {
                    var instance = _problem.Held[held];
                    _sites[instance.Gpu].TakeBack(instance);
                    Untouch(instance.Gpu);
                    _pending.Remove(held);
                }
            }
        }
    }

    private int LargestPending()
    {
        var at = 0;
        for (var i = 1; i < _pending.Count; i++)
        {
            at = _size[_pending[i]] > _size[_pending[at]] ? i : at;
        }

        return at;
    }
}
