using VgpuPS.Core.Layout;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Layout;

internal sealed partial class LayoutPlanner
{
    /// <summary>
    /// Reads what is requested, and refuses what can never be on this GPU, whatever is on it now. Without MIG mode the
    /// driver
    /// may report no profiles, or none with placements: then slices, memory and counts are what can be checked.
    /// </summary>
    private IReadOnlyList<InstanceRequest>? ReadRequests()
    {
        if (_want.Instances is not { } layouts || (_gpu.Profiles.Count == 0 && layouts.Count > 0 && !_gpu.MigIsOn))
        {
            return _want.Instances?.Select(Unchecked).ToList();
        }

        var requests = layouts.Select(l => _placer.Read(_gpu, l)).ToList();
        var placesAreKnown = requests.All(w => w.Profile.Placements.Count > 0);
        if (placesAreKnown
            ? _placer.Place(_gpu, [], [.. requests.Select(w => (w.Profile, w.Placement))]) is null
            : !MayFit(requests))
        {
            throw new CapacityException(
                ErrorIds.NoFreePlacement,
                $"{string.Join(", ", requests.Select(w => w.Text))} do not fit together on "
                    + $"{_gpu.Text}{(placesAreKnown ? "" : " (by slices, memory and counts)")}",
                $"request fewer or smaller ones: Get-MigProfile -Gpu {_gpu.Address}", Target);
        }

        return requests;
    }

    private static InstanceRequest Unchecked(InstanceLayout layout) => new(
        new GpuInstanceProfile(new ProfileId(uint.MaxValue), layout.Placement is null
            ? layout.Profile : $"{layout.Profile} at {layout.Placement}", 0, 0, 0, 0, EngineCounts.None, []),
        null, layout.ComputeInstances);

    private bool MayFit(IReadOnlyList<InstanceRequest> requests) =>
        requests.Sum(w => w.Profile.ComputeSlices) <= _gpu.Profiles.Max(p => p.ComputeSlices)
        && requests.Sum(w => w.Profile.MemoryMiB) <= _gpu.MemoryMiB
        && requests.GroupBy(w => w.Profile.Id).All(g => g.Count() <= g.First().Profile.MaxInstances)
        && requests.Count(w => w.Profile.TakesMediaEngines) <= 1;

    private void PlanInstances()
    {
        if (_requests is null || !_gpu.MigIsOn)
        {
            return;
        }

        var matches = InstanceMatch.Find(_gpu, _requests).ToList();
        var others = _gpu.Instances.Except(matches.Select(m => m.Instance)).ToList();
        InstanceGuard.Check(_gpu, others, "the layout does not contain");
        foreach (var other in others)
        {
            _steps.Add(new DestroyInstanceStep(_gpu.Address, other, _gpu.NameOf(other)));
            _destroyed.Add(_gpu.Describe(other));
        }

        var moved = FindMoves(matches);
        _steps.AddRange(moved.Select(m => new DestroyInstanceStep(_gpu.Address, m.Instance, _gpu.NameOf(m.Instance))));
        matches.RemoveAll(moved.Contains);
        foreach (var (request, instance) in matches.Where(m => !_gpu.IsUsed(m.Instance))
            .OrderBy(m => m.Instance.Placement))
        {
            PlanCompute(request, instance);
        }

        var missing = Missing(matches);
        var places = _placer.Place(
            _gpu, matches.Select(m => m.Instance), [.. missing.Select(w => (w.Profile, w.Placement))])!;
        _steps.AddRange(missing.Zip(places)
            .OrderByDescending(m => m.Second.Placement.Size).ThenBy(m => m.Second.Placement)
            .Select(m => Create(_gpu, m.First, m.Second)));
    }

    /// <summary>The step that creates a requested instance at its place.</summary>
    internal static CreateInstanceStep Create(
        ManagedGpu gpu, InstanceRequest request, (Placement Placement, string Reason) place) => new(
        gpu.Address, request.Profile, place.Placement, request.ComputeInstances is null, place.Reason)
        {
            ComputeInstances = request.ComputeInstances ?? [],
            IsForGuestCreation = false,
        };

    private List<InstanceRequest> Missing(List<(InstanceRequest Request, GpuInstance Instance)> matches)
    {
        var remaining = _requests!.ToList();
        matches.ForEach(m => remaining.Remove(m.Request));
        return remaining;
    }

    /// <summary>
    /// The fewest instances, of those that match and are unused, that must move so that the missing ones fit.
    /// </summary>
    private List<(InstanceRequest Request, GpuInstance Instance)> FindMoves(
        List<(InstanceRequest Request, GpuInstance Instance)> matches)
    {
        var movable = matches.Where(m => m.Request.Placement is null && !_gpu.IsUsed(m.Instance)).ToList();
        for (var count = 0; count <= movable.Count; count++)
        {
            foreach (var moved in Choose(movable, count, 0))
            {
                var kept = matches.Except(moved).ToList();
                var missing = Missing(kept).Select(w => (w.Profile, w.Placement)).ToList();
                if (_placer.Place(_gpu, kept.Select(m => m.Instance), missing) is not null)
                {
                    return moved;
                }
            }
        }

        throw CapacityRefusal.Of(_placer, _gpu, [.. matches.Select(m => m.Instance)], Missing(matches));
    }

    private static IEnumerable<List<T>> Choose<T>(List<T> items, int count, int from)
    {
        if (count == 0)
        {
            yield return [];
            yield break;
        }

        for (var i = from; i <= items.Count - count; i++)
        {
            foreach (var rest in Choose(items, count - 1, i + 1))
            {
                yield return [items[i], .. rest];
            }
        }
    }

    /// <summary>
    /// Gives an instance that is unused the compute instances that are requested; what a VM runs in is its guest's
    /// business.
    /// </summary>
    private void PlanCompute(InstanceRequest request, GpuInstance instance)
    {
        var wanted = request.Compute.ToList();
        var surplus = instance.ComputeInstances.Where(c => !wanted.Remove(_gpu.NameOf(instance, c))).ToList();
        _steps.AddRange(surplus.Select(c =>
            new DestroyComputeInstanceStep(_gpu.Address, instance, c, _gpu.NameOf(instance, c))));
        _destroyed.AddRange(surplus.Select(c =>
            $"compute instance {c.Id} ({_gpu.NameOf(instance, c)}) of GPU instance {instance.Id}"));
        _steps.AddRange(wanted.Select(name => new CreateComputeInstanceStep(_gpu.Address, instance)
        {
            Profile = name,
            IsForGuestCreation = false,
        }));
    }
}
