using System.Globalization;
using VgpuPS.Core.Contracts;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Mig.Planning;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Assignment;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.Reading;

/// <summary>Ranks free places for a profile by the price of the slices that they take, with demand learned or configured.</summary>
/// <remarks>Source: planner study, section 4, step 7, with its surcharge for an empty GPU.</remarks>
internal sealed class PlacementRanking(HookSettings settings, ClaimFile file)
{
    private const double EmptyGpuSurcharge = 2.5;
    private const int TieDigits = 12;

    private readonly Dictionary<string, PriceTable> _tables = new(StringComparer.Ordinal);

    /// <summary>Legal, free places over all GPUs, cheapest first; the first one's reason names the runner-up.</summary>
    public IReadOnlyList<PlacementChoice> Rank(string profile, IReadOnlyList<GpuState> gpus)
    {
        var places = gpus.SelectMany(g => Price(profile, g)).ToList();
        places.Sort(Compare);
        return [.. places.Select((p, i) => new PlacementChoice(
            p.Gpu.Address, p.Profile, p.Window, Explain(p, i + 1 < places.Count ? places[i + 1] : null)))];
    }

    /// <summary>Demand of a GPU model after one more request.</summary>
    public static IReadOnlyDictionary<string, double> Learn(
        IReadOnlyDictionary<string, double>? known, IReadOnlyList<GpuInstanceProfile> profiles, GpuInstanceProfile wanted) =>
        DemandEstimate.Learn(known, ProfileShape.From(profiles), wanted.Name);

    private IEnumerable<Place> Price(string name, GpuState gpu)
    {
        var profile = gpu.Profiles.FirstOrDefault(p => p.Name == name);
        var shapes = ProfileShape.From(gpu.Profiles);
        var shape = shapes.FirstOrDefault(s => s.Name == name);
        if (profile is null || shape is null)
        {
            yield break;
        }

        var occupancy = new Occupancy(
            gpu.Instances.Aggregate(0u, (mask, i) => mask | i.Placement.Mask),
            gpu.Instances.Any(i => gpu.FindProfile(i.Profile) is { TakesMediaEngines: true }));
        var free = PriceTable.SlotCount(shapes) - System.Numerics.BitOperations.PopCount(occupancy.Mask);
        foreach (var window in shape.Windows.Where(w => occupancy.Takes(shape, w)))
        {
            var cost = Table(gpu, shapes).Cost(occupancy, shape, window)
                + (occupancy.Mask == 0 ? EmptyGpuSurcharge : 0);
            yield return new Place(gpu, profile, window, cost, free);
        }
    }

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

    private static int Compare(Place a, Place b)
    {
        var byCost = Math.Round(a.Cost, TieDigits).CompareTo(Math.Round(b.Cost, TieDigits));
        var byFree = byCost != 0 ? byCost : a.Free.CompareTo(b.Free);
        var byGpu = byFree != 0 ? byFree : a.Gpu.Address.CompareTo(b.Gpu.Address);
        return byGpu != 0 ? byGpu : a.Window.CompareTo(b.Window);
    }

    private static string Explain(Place place, Place? next)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"cost {place.Cost:0.00}");
        return next is null ? $"{text}, the only place" : string.Create(
            CultureInfo.InvariantCulture, $"{text}; next best {next.Cost:0.00} at {next.Window}, GPU {next.Gpu.Address}");
    }

    private sealed record Place(GpuState Gpu, GpuInstanceProfile Profile, Placement Window, double Cost, int Free);
}
