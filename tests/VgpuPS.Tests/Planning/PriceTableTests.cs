using System.Text.Json;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;
using Xunit;

namespace VgpuPS.Tests.Planning;

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
        var withMedia = reference.GetProperty("phi_me1").ValueKind == JsonValueKind.Null
            ? phi : Numbers(reference, "phi_me1");
        for (var mask = 0u; mask < phi.Count; mask++)
        {
            Assert.Equal(phi[(int)mask], table[new Occupancy(mask, false)], 1e-3);
            Assert.Equal(withMedia[(int)mask], table[new Occupancy(mask, true)], 1e-3);
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

    [Theory, MemberData(nameof(References))]
    public void Fitted_activities_are_those_of_the_study(int index)
    {
        var known = Numbers(s_references[index], "activity");
        var fitted = ActivityFit.Fit(Shapes(s_references[index]), Numbers(s_references[index], "demand"));
        foreach (var (k, f) in known.Zip(fitted))
        {
            Assert.InRange(f, k * 0.95, k * 1.05);
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
        var shapes = reference.GetProperty("model").GetString()!.StartsWith("A30", StringComparison.Ordinal)
            ? MigShapes.A30 : MigShapes.SevenSlices;
        Assert.Equal(
            reference.GetProperty("profiles").EnumerateArray().Select(p => p.GetString()), shapes.Select(s => s.Name));
        return shapes;
    }
}
