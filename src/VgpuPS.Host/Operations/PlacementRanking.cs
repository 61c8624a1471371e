using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Planning;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations;

/// <summary>Ranks free places for a profile by the price of the slices that they take, with demand learned or
/// configured.</summary>
internal sealed class PlacementRanking(HookSettings settings, ClaimFile file)
{
    private readonly Dictionary<string, PriceTable> _tables = new(StringComparer.Ordinal);

    /// <summary>Legal, free places over all GPUs, cheapest first; the first one's reason names the runner-up.</summary>
    public IReadOnlyList<PlacementChoice> Rank(string profile, IReadOnlyList<GpuState> gpus)
    {
        var sorted = gpus.OrderBy(g => g.Address).ToList();
        var places = sorted.SelectMany((g, i) => Price(profile, g, i)).ToList();
        places.Sort();
        return [.. places.Select((p, i) => new PlacementChoice(
            sorted[p.Gpu].Address, sorted[p.Gpu].Profiles.First(q => q.Name == profile), p.Window,
            Explain(sorted, p, i + 1 < places.Count ? places[i + 1] : null))
            { Cost = p.Cost })];
    }

    /// <summary>Demand of a GPU model after one more request.</summary>
    public static IReadOnlyDictionary<string, double> Learn(
        IReadOnlyDictionary<string, double>? known, IReadOnlyList<GpuInstanceProfile> profiles,
        GpuInstanceProfile wanted) =>
        DemandEstimate.Learn(known, ProfileShape.From(profiles), wanted.Name);

    private IEnumerable<PricedPlace> Price(string name, GpuState gpu, int index)
    {
        var shapes = ProfileShape.From(gpu.Profiles);
        var occupancy = gpu.Occupancy;
        return shapes.FirstOrDefault(s => s.Name == name) is not { } shape ? [] : shape.Windows
            .Where(w => occupancy.Takes(shape, w)).Select(w => Table(gpu, shapes).Price(index, occupancy, shape, w));
    }

    /// <summary>Prices of a GPU's slices.</summary>
    public PriceTable Table(GpuState gpu) => Table(gpu, ProfileShape.From(gpu.Profiles));

    private PriceTable Table(GpuState gpu, IReadOnlyList<ProfileShape> shapes)
    {
        if (!_tables.TryGetValue(gpu.Model, out var table))
        {
            var counts = settings.Demand ?? file.Demand.GetValueOrDefault(gpu.Model);
            table = PriceTable.Fit(shapes, DemandEstimate.Shares(counts, shapes));
            _tables[gpu.Model] = table;
        }

        return table;
    }

    private static string Explain(List<GpuState> gpus, PricedPlace place, PricedPlace? next)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"cost {place.Cost:0.00}");
        return next is not { } other ? $"{text}, the only place" : string.Create(
            CultureInfo.InvariantCulture,
            $"{text}; next best {other.Cost:0.00} at {other.Window}, GPU {gpus[other.Gpu].Address}");
    }
}
