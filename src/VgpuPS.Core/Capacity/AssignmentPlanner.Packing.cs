using VgpuPS.Core.Planning;

namespace VgpuPS.Core.Capacity;

public sealed partial class AssignmentPlanner
{
    /// <summary>Finds places for all entries that need a GPU instance of their own, so that none takes another's only
    /// one.</summary>
    private void Pack()
    {
        if (_toPack.Count == 0)
        {
            return;
        }

        var gpus = _host.Gpus.Where(g => g.MigIsOn).OrderBy(g => g.Address).ToList();
        var items = _toPack.Select(r => ItemFor(r, gpus)).ToList();
        var places = InstancePacking.FindBest(PackGpus(gpus), items, (item, state) => RankPacked(item, gpus, state));
        foreach (var (request, place) in _toPack.Zip(places ?? []))
        {
            _packed[request.Entry] = (gpus[place.Gpu].Address, place.Window);
        }
    }

    /// <summary>The place that was packed for an entry goes before the ones that are better for it alone.</summary>
    private IReadOnlyList<PlacementChoice> PackedFirst(VmVgpuRequest request, IReadOnlyList<PlacementChoice> ranked) =>
        !_packed.TryGetValue(request.Entry, out var place) ? ranked
        : [.. ranked.OrderByDescending(c => c.Gpu == place.Gpu && c.Placement == place.Window)];

    /// <summary>What an entry needs, on the GPUs where it may have it.</summary>
    private PackItem ItemFor(VmVgpuRequest request, List<GpuState> gpus)
    {
        var own = FindUsable(request).Select(c => c.Gpu).ToHashSet();
        var profile = gpus.Where(g => own.Contains(g.Address))
            .Select(g => g.Types.GetValueOrDefault(request.Type)?.Profile is { } id ? g.FindProfile(id) : null)
            .OfType<GpuInstanceProfile>().FirstOrDefault();
        return new PackItem(
            profile?.Name ?? "", [.. gpus.Index().Where(g => own.Contains(g.Item.Address)).Select(g => g.Index)]);
    }

    private static IReadOnlyList<PackGpu> PackGpus(IReadOnlyList<GpuState> gpus)
    {
        // GPUs of one model share their shapes: the packing knows by that which are alike.
        var shapes = gpus.GroupBy(g => g.Model).ToDictionary(g => g.Key, g => ProfileShape.From(g.First().Profiles));
        return [.. gpus.Select(g => new PackGpu(shapes[g.Model], g.Occupancy))];
    }

    /// <summary>
    /// Ranks places on GPUs whose capacity is partly given away: what was given away is one nameless instance there.
    /// </summary>
    private IEnumerable<PackedPlace> RankPacked(PackItem item, List<GpuState> gpus, IReadOnlyList<PackGpu> state)
    {
        var allowed = item.Gpus.Select(i => WithTaken(gpus[i], state[i].Occupancy)).ToList();
        return _input.RankPlacements(item.Profile, allowed)
            .Select(c => new PackedPlace(gpus.FindIndex(g => g.Address == c.Gpu), c.Placement));
    }

    /// <summary>The GPU with exactly this taken, in instances of one slice each; the media engines go to one that has
    /// them.</summary>
    private static GpuState WithTaken(GpuState gpu, Occupancy occupancy)
    {
        var media = gpu.Profiles.FirstOrDefault(p => p.TakesMediaEngines)?.Id;
        var none = new ProfileId(uint.MaxValue);
        var slices = Enumerable.Range(0, 32).Where(slot => (occupancy.Mask & (1u << slot)) != 0).ToList();
        return gpu with
        {
            Instances =
            [
                .. slices.Select((slot, i) => new GpuInstance(
                    new GpuInstanceId(uint.MaxValue), i == 0 && occupancy.MediaTaken && media is { } id ? id : none,
                    new Placement(slot, 1), [])),
            ],
        };
    }
}
