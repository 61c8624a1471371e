using VgpuPS.Core.Capacity;
using VgpuPS.Core.Planning;

namespace VgpuPS.Host.Operations.Defragmentation;

/// <summary>
/// Searches the restarts that make a GPU instance fit, and keeps those that are proved to lead there.
/// </summary>
internal sealed class InstanceRestarts
{
    private readonly PlacementGoal _goal;
    private readonly RestartCandidates _candidates;
    private readonly IReadOnlySet<PciAddress> _held;
    private readonly List<GpuState> _gpus;
    private readonly List<(int Gpu, GpuInstance Instance, List<RestartableVm> Vms)> _moving = [];
    private readonly RestartProblem _problem;

    /// <param name="goal">What shall fit.</param>
    /// <param name="candidates">VMs that may start again.</param>
    /// <param name="gpus">All GPUs, without instances that go by themselves.</param>
    /// <param name="held">Functions that are reserved for VMs that do not start again.</param>
    /// <param name="ranking">Prices.</param>
    public InstanceRestarts(
        PlacementGoal goal, RestartCandidates candidates, IEnumerable<GpuState> gpus, IReadOnlySet<PciAddress> held,
        PlacementRanking ranking)
    {
        (_goal, _candidates, _held) = (goal, candidates, held);
        _gpus = [.. gpus.Where(g => g.MigIsOn && g.Profiles.Any(p => p.Placements.Count > 0)).OrderBy(g => g.Address)];
        _problem = Read(ranking);
    }

    /// <summary>Where it fits without a restart; null where it does not.</summary>
    public string? FindFit() => _goal.Targets.Select(FindFit).OfType<string>().FirstOrDefault();

    /// <summary>Finds the fewest restarts.</summary>
    public (RestartOutcome Outcome, PlacedGoal? Place, RestartSequence? Sequence) Find(int limit)
    {
        var outcome = RestartSearch.Find(_problem, limit, s => Make(s) is not null);
        if (outcome.Solution is not { } solution)
        {
            return (outcome, null, null);
        }

        var gpu = _gpus[solution.Wanted.Gpu];
        return (outcome, new PlacedGoal(gpu, solution.Wanted.Window), Make(solution));
    }

    private string? FindFit(PlacementTarget target)
    {
        var gpu = _gpus.First(g => g.Address == target.Gpu.Address);
        var isServed = target.Type is null || HasFreeFunction(gpu);
        var idle = gpu.Instances.FirstOrDefault(i => i.Profile == target.Profile!.Id
            && (target.Type is { } type ? GpuCapacity.From(gpu).FindInstance(type) == i.Id
                : !gpu.Active.Any(a => a.GpuInstance == i.Id) && !HasUnknown(gpu, i)));
        if (isServed && idle is not null)
        {
            return $"on GPU instance {idle.Id} of {gpu.Text}, which has room";
        }

        var shape = _problem.Gpus[_gpus.IndexOf(gpu)].Find(target.Profile!.Name);
        return isServed && shape is not null && shape.Windows.Any(w => gpu.Occupancy.Takes(shape, w))
            ? $"at {shape.Windows.First(w => gpu.Occupancy.Takes(shape, w))} of {gpu.Text}" : null;
    }

    private static bool HasUnknown(GpuState gpu, GpuInstance instance) =>
        GpuCapacity.Occupants(gpu).Any(o => o.Instance is null && o.Type.Profile == instance.Profile);

    private bool HasFreeFunction(GpuState gpu) => gpu.Functions.Any(
        f => f.Driver == "nvidia" && (f.IsShared || !f.IsOccupied) && !_held.Contains(f.Address));

    private RestartProblem Read(PlacementRanking ranking)
    {
        var shapes = _gpus.Select(g => ProfileShape.From(g.Profiles)).ToList();
        var homes = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);
        var held = new List<HeldInstance>();
        var staying = new List<(int, string)>();
        foreach (var (gpu, index) in _gpus.Select((g, i) => (g, i)))
        {
            foreach (var instance in gpu.Instances)
            {
                if (FindMoving(gpu, instance) is not var (vms, vgpus))
                {
                    staying.Add((index, gpu.NameOf(instance.Profile)));
                    continue;
                }

                var classes = vgpus.Select(v => v.SeatClass).Distinct().ToList();
                _moving.Add((index, instance, vms));
                held.Add(new HeldInstance(
                    index, instance.Placement, gpu.FindProfile(instance.Profile) is { TakesMediaEngines: true },
                    [.. vms.Select(v => v.Vm.Value)],
                    new PackItem(gpu.NameOf(instance.Profile), FindHomes(homes, gpu, instance, vms)))
                {
                    SeatClass = classes is [var only] ? only : null,
                });
            }
        }

        return new RestartProblem(
            [.. _gpus.Select((g, i) => new PackGpu(shapes[i], g.Occupancy))], held,
            new PackItem(
                _goal.Targets[0].Profile!.Name, [.. Indices(g => _goal.Includes(g.Address))]))
        {
            Staying = staying,
            Seats = [.. FindSeats()],
            Prices = [.. _gpus.Select(ranking.Table)],
        };
    }

    /// <summary>An instance of the hook's of which all users are known and may start again.</summary>
    private (List<RestartableVm> Vms, List<RestartableVgpu> Vgpus)? FindMoving(GpuState gpu, GpuInstance instance)
    {
        var vms = _candidates.Vms.Where(v => v.Vgpus.Any(IsHere)).ToList();
        var vgpus = vms.SelectMany(v => v.Vgpus.Where(IsHere)).ToList();
        return vms.Count > 0 && _candidates.IsHookManaged(gpu, instance) && !HasUnknown(gpu, instance)
            && gpu.Active.Count(a => a.GpuInstance == instance.Id) == vgpus.Count ? (vms, vgpus) : null;

        bool IsHere(RestartableVgpu vgpu) => vgpu.Gpu == gpu.Address && vgpu.Active.GpuInstance == instance.Id;
    }

    /// <summary>GPUs where every VM on the instance has a function that could carry its vGPU.</summary>
    private IReadOnlyList<int> FindHomes(
        Dictionary<string, IReadOnlyList<int>> known, GpuState from, GpuInstance instance, List<RestartableVm> vms)
    {
        var profile = from.NameOf(instance.Profile);
        List<int> homes =
        [
            .. Indices(g => vms.All(vm => vm.Requests.Any(r =>
                g.Types.GetValueOrDefault(r.Type)?.Profile is { } id && g.NameOf(id) == profile
                && r.Candidates.Any(c => c.Gpu == g.Address && IsUsable(g, c.Address, vm))))),
        ];
        var key = string.Join(',', homes);
        return known.TryGetValue(key, out var same) ? same : known[key] = homes;
    }

    private bool IsUsable(GpuState gpu, PciAddress function, RestartableVm vm) =>
        vm.Vgpus.Any(v => v.Function == function) || gpu.Functions.Any(f => f.Address == function
            && f.Driver == "nvidia" && (f.IsShared || !f.IsOccupied) && !_held.Contains(function));

    /// <summary>Instances with room: a start is given one of them before any that is made for it.</summary>
    private IEnumerable<RestartSeat> FindSeats()
    {
        var classes = _candidates.Vms.SelectMany(v => v.Vgpus).Where(v => v.Type.IsMigBacked)
            .DistinctBy(v => v.SeatClass).ToList();
        foreach (var (gpu, index) in _gpus.Select((g, i) => (g, i)))
        {
            foreach (var instance in gpu.Instances)
            {
                var own = gpu.Active.Where(a => a.GpuInstance == instance.Id).ToList();
                var held = _moving.FindIndex(m => m.Gpu == index && m.Instance == instance);
                foreach (var one in classes.Where(c => c.Type.Profile == instance.Profile
                    && own.All(a => gpu.FindType(a.Type)?.FramebufferMiB == c.Type.FramebufferMiB)))
                {
                    var free = one.Type.CapacityPerGpuInstance - own.Count;
                    if (free > 0)
                    {
                        yield return new RestartSeat(
                            index, instance.Placement, one.SeatClass, free, held < 0 ? null : held);
                    }
                }
            }
        }
    }

    private RestartSequence? Make(RestartSolution solution)
    {
        var vms = _candidates.Vms.Where(v => solution.Holders.Contains(v.Vm.Value)).ToList();
        var moves = solution.Moves.Select(m =>
        {
            var (gpu, instance, users) = _moving[m.Held];
            return new InstanceMove(
                _gpus[gpu].Address, instance, _gpus[gpu].FindProfile(instance.Profile)!, [.. users.Select(v => v.Vm)],
                m.To.Seat is null ? (_gpus[m.To.Gpu].Address, m.To.Window) : null);
        }).ToList();
        var made = RestartSequence.Make(_gpus, _held, vms, moves);
        return made is null || _goal.Targets[0].Type is null
            || HasFreeFunction(made.After.First(g => g.Address == _gpus[solution.Wanted.Gpu].Address)) ? made : null;
    }

    private IEnumerable<int> Indices(Func<GpuState, bool> isOne) =>
        Enumerable.Range(0, _gpus.Count).Where(i => isOne(_gpus[i]));
}

/// <summary>Where the goal fits after all restarts.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Window">Where on it; null when time-sliced.</param>
internal sealed record PlacedGoal(GpuState Gpu, Placement? Window)
{
    /// <summary>For display: <c>at 0:4 of GPU 0 (NVIDIA A30, 0000:4b:00.0)</c>.</summary>
    public string Text => Window is { } window ? $"at {window} of {Gpu.Text}" : $"on {Gpu.Text}";
}
