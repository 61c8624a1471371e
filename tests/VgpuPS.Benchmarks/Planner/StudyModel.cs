using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;
using VgpuPS.Lab.Models;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>A GPU model of the lab as the planner sees it, and the request mixes of planner.md.</summary>
internal sealed class StudyModel
{
    private static readonly (string Name, double[] Shares)[] s_sevenSlices =
    [
        ("uniform", [1, 0, 1, 1, 1, 1, 1]),
        ("skew-small", [.30, 0, .25, .20, .10, .10, .05]),
        ("skew-big", [.05, 0, .10, .10, .20, .25, .30]),
        ("bimodal", [.30, 0, .15, .05, .05, .15, .30]),
        ("small-only", [4, 1, 1, 3, 1, 0, 0]),
        ("mid", [2, 0, 1, 4, 4, 1, 0]),
        ("4g-heavy", [2, 0, 0, 2, 1, 5, 0]),
        ("2g3g", [0, 0, 0, 5, 5, 0, 0]),
    ];

    private static readonly (string Name, double[] Shares)[] s_fourSlices =
    [
        ("uniform", [1, 0, 1, 0, 1]), ("small", [6, 1, 2, 1, 0]), ("big", [1, 0, 2, 0, 3]),
    ];

    private StudyModel(string name, IReadOnlyList<ProfileShape> shapes)
    {
        Name = name;
        Shapes = shapes;
        Slots = PriceTable.SlotCount(shapes);
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>Its profiles, in the order of the model's file.</summary>
    public IReadOnlyList<ProfileShape> Shapes { get; }

    /// <summary>Its memory slices.</summary>
    public int Slots { get; }

    /// <summary>The mixes of the study for this model; empty for a model that it has none for.</summary>
    public IReadOnlyList<(string Name, double[] Shares)> Mixes => Shapes.Count switch
    {
        7 => s_sevenSlices,
        5 => s_fourSlices,
        _ => [],
    };

    public static StudyModel Load(string name)
    {
        var model = Find(name);
        return !model.HasMig ? throw new FormatException($"{model.Name} has no MIG") : new StudyModel(
            model.Name,
            [
                .. model.Profiles.Select(p => new ProfileShape(
                    p.Name.Replace("MIG ", "", StringComparison.Ordinal),
                    [.. p.PlacementStarts.Select(s => new Placement(s, p.PlacementSize))], p.Media)),
            ]);
    }

    private static GpuModel Find(string name)
    {
        try
        {
            return GpuModel.Load(name);
        }
        catch (ArgumentException)
        {
            var full = GpuModel.Names.FirstOrDefault(n => n.Contains(name, StringComparison.OrdinalIgnoreCase));
            return full is null
                ? throw new FormatException($"no model '{name}'; there are {string.Join(", ", GpuModel.Names)}")
                : GpuModel.Load(full);
        }
    }
}
