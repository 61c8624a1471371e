using System.Text.Json;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Mig.Planning;
using Xunit;

namespace VgpuPS.Tests.Mig;

public sealed class PriceTableTests
{
    private static readonly JsonElement[] s_references =
    [
        .. JsonDocument.Parse(File.ReadAllText("data/planner/mep-reference-tables.json")).RootElement.EnumerateArray(),
    ];

    public static TheoryData<int> References => [.. Enumerable.Range(0, s_references.Length)];

    [Theory, MemberData(nameof(References))]
    public void Prices_from_given_activities_are_those_of_the_study(int index)
    {
        var reference = s_references[index];
        var shapes = Shapes(reference);
        var table = PriceTable.From(shapes, Numbers(reference, "activity"));
        var phi = Numbers(reference, "phi_me0");
        for (var mask = 0u; mask < phi.Count; mask++)
        {
            Assert.Equal(phi[(int)mask], table[new Occupancy(mask, false)], 1e-3);
        }
    }

    [Theory, MemberData(nameof(References))]
    public void Fitted_prices_choose_the_same_place_on_an_empty_GPU(int index)
    {
        var reference = s_references[index];
        var shapes = Shapes(reference);
        var known = PriceTable.From(shapes, Numbers(reference, "activity"));
        var fitted = PriceTable.Fit(shapes, Numbers(reference, "demand"));
        foreach (var (shape, i) in shapes.Select((s, i) => (s, i)))
        {
            if (known.Activities[i] > 0)
            {
                Assert.Equal(Best(known, shape), Best(fitted, shape));
            }
        }
    }

    [Fact]
    public void Expected_instances_are_proportional_to_demand()
    {
        var shapes = Shapes(s_references[0]);
        double[] demand = [.3, 0, .25, .2, .1, .1, .05];
        var mean = ActivityFit.Expect(shapes, ActivityFit.Fit(shapes, demand));
        var ratios = mean.Select((m, i) => demand[i] > 0 ? m / demand[i] : double.NaN).Where(double.IsFinite).ToList();
        Assert.True(ratios.Max() / ratios.Min() < 1.05, string.Join(' ', ratios));
    }

    [Fact]
    public void More_occupied_is_never_worth_more()
    {
        var shapes = Shapes(s_references[4]);
        var table = PriceTable.From(shapes, Numbers(s_references[4], "activity"));
        for (var mask = 0u; mask < 256; mask++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                Assert.True(table[new Occupancy(mask, false)] >= table[new Occupancy(mask | (1u << bit), false)] - 1e-9);
            }
        }
    }

    [Fact]
    public void Learned_demand_follows_the_requests()
    {
        var shapes = Shapes(s_references[0]);
        IReadOnlyDictionary<string, double>? counts = null;
        for (var i = 0; i < 300; i++)
        {
            counts = DemandEstimate.Learn(counts, shapes, "2g");
        }

        var shares = DemandEstimate.Shares(counts, shapes);
        Assert.Equal(1, shares.Sum(), 1e-9);
        Assert.True(shares[3] > 0.85, $"{shares[3]}");
        Assert.All(shares, s => Assert.True(s > 0));
    }

    private static Placement Best(PriceTable table, ProfileShape shape) => shape.Windows
        .OrderBy(w => Math.Round(table.Cost(default, shape, w), 3)).ThenBy(w => w.Start).First();

    private static IReadOnlyList<double> Numbers(JsonElement reference, string name) =>
        [.. reference.GetProperty(name).EnumerateArray().Select(n => n.GetDouble())];

    private static IReadOnlyList<ProfileShape> Shapes(JsonElement reference)
    {
        var isA30 = reference.GetProperty("model").GetString()!.StartsWith("A30", StringComparison.Ordinal);
        return [.. reference.GetProperty("profiles").EnumerateArray().Select(p => Shape(p.GetString()!, isA30))];
    }

    private static ProfileShape Shape(string name, bool isA30)
    {
        var (starts, size) = (name.Replace("+me", "", StringComparison.Ordinal), isA30) switch
        {
            ("1g", true) => (new[] { 0, 1, 2, 3 }, 1),
            ("2g", true) => ([0, 2], 2),
            ("4g", true) => ([0], 4),
            ("1g", _) => ([0, 1, 2, 3, 4, 5, 6], 1),
            ("1g-double", _) => ([0, 2, 4, 6], 2),
            ("2g", _) => ([0, 2, 4], 2),
            ("3g", _) => ([0, 4], 4),
            ("4g", _) => ([0], 4),
            _ => (new[] { 0 }, 8),
        };
        return new ProfileShape(
            name, [.. starts.Select(s => new Placement(s, size))], name.EndsWith("+me", StringComparison.Ordinal));
    }
}
