using VgpuPS.Core.Layout;
using VgpuPS.Core.Planning;

namespace VgpuPS.Host.Operations;

/// <summary>
/// Finds places for instances that are requested together on one GPU, each the cheapest that leaves capacity for the
/// rest.
/// </summary>
/// <param name="ranking">Ranks free places.</param>
/// <param name="findOtherOwner">Names another GPU than this one that has a profile, for display; null for none.</param>
internal sealed class InstancePlacer(PlacementRanking ranking, Func<PciAddress, string, string?> findOtherOwner)
{
    /// <summary>Reads instances that are requested, and checks them against what the GPU offers.</summary>
    /// <inheritdoc cref="InstanceRequest.Read"/>
    public InstanceRequest Read(ManagedGpu gpu, InstanceLayout layout) =>
        InstanceRequest.Read(gpu, layout, findOtherOwner);

    /// <summary>Finds the places.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="kept">Instances that stay where they are.</param>
    /// <param name="wanted">Profiles, with their place where one was requested.</param>
    /// <returns>A place and a reason for each, in their order; null when they do not fit together.</returns>
    public IReadOnlyList<(Placement Placement, string Reason)>? Place(
        ManagedGpu gpu, IEnumerable<GpuInstance> kept,
        IReadOnlyList<(GpuInstanceProfile Profile, Placement? Place)> wanted)
    {
        var shapes = ProfileShape.From(gpu.Profiles).ToList();
        var reasons = new Dictionary<(string, Placement), string>();
        var items = new List<PackItem>();
        foreach (var (profile, place) in wanted)
        {
            var name = place is { } window ? $"{profile.Name}@{window}" : profile.Name;
            if (place is { } asked && shapes.All(s => s.Name != name))
            {
                shapes.Add(new ProfileShape(name, [asked], profile.TakesMediaEngines));
                reasons[(name, asked)] = "as asked";
            }

            items.Add(new PackItem(name, [0]));
        }

        var start = new PackGpu(shapes, gpu.Occupy(kept));
        var places = InstancePacking.FindBest([start], items, (item, state) => Rank(gpu, item, state[0], reasons));
        return places is null
            ? null
            : [.. places.Select((p, i) => (p.Window, reasons[(items[i].Profile, p.Window)]))];
    }

    private IEnumerable<PackedPlace> Rank(
        ManagedGpu gpu, PackItem item, PackGpu state, Dictionary<(string, Placement), string> reasons)
    {
        var shape = state.Find(item.Profile);
        if (shape is null)
        {
            return [];
        }

        if (gpu.Profiles.All(p => p.Name != item.Profile))
        {
            return shape.Windows.Where(w => state.Occupancy.Takes(shape, w)).Select(w => new PackedPlace(0, w));
        }

        var ranked = ranking.Rank(item.Profile, [WithTaken(gpu, state.Occupancy)]).ToList();
        ranked.ForEach(c => reasons[(item.Profile, c.Placement)] = c.Reason);
        return ranked.Select(c => new PackedPlace(0, c.Placement));
    }

    /// <summary>The GPU with exactly this taken, in instances of one slice each; the media engines go to one that has
    /// them.</summary>
    private static GpuState WithTaken(GpuState gpu, Occupancy occupancy)
    {
        var media = gpu.Profiles.FirstOrDefault(p => p.TakesMediaEngines)?.Id;
        var none = new ProfileId(uint.MaxValue);
        return gpu with
        {
            Instances =
            [
                .. Enumerable.Range(0, 32).Where(slot => (occupancy.Mask & (1u << slot)) != 0)
                    .Select((slot, i) => new GpuInstance(
                    new GpuInstanceId(uint.MaxValue), i == 0 && occupancy.MediaTaken && media is { } id ? id : none,
                    new Placement(slot, 1), [])),
            ],
        };
    }
}
