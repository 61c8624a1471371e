using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;
using VgpuPS.Lab.Models;

namespace VgpuPS.Tests.Planning;

/// <summary>Profiles of real models under the names of planner.md.</summary>
internal static class MigShapes
{
    public static readonly string[] SevenSliceNames = ["1g", "1g+me", "1g-double", "2g", "3g", "4g", "7g"];

    /// <summary>A100, H100, H200.</summary>
    public static IReadOnlyList<ProfileShape> SevenSlices { get; } = Load("A100 80GB", SevenSliceNames);

    public static IReadOnlyList<ProfileShape> A30 { get; } = Load("A30", ["1g", "1g+me", "2g", "2g+me", "4g"]);

    public static IReadOnlyList<ProfileShape> RtxPro6000 { get; } = Load("RTX PRO 6000", null);

    /// <summary>The models by index, for generators.</summary>
    public static IReadOnlyList<IReadOnlyList<ProfileShape>> All { get; } = [SevenSlices, A30, RtxPro6000];

    public static ProfileShape Find(this IReadOnlyList<ProfileShape> shapes, string name) =>
        shapes.First(s => s.Name == name);

    /// <summary>A GPU with instances: <c>3g@0,2g@4</c>; empty text for none.</summary>
    public static (PackGpu Gpu, IReadOnlyList<(string Profile, Placement Window)> Instances) Parse(
        IReadOnlyList<ProfileShape> shapes, string text)
    {
        var instances = text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(i => i.Split('@'))
            .Select(i => (i[0], shapes.Find(i[0]).Windows.First(w => $"{w.Start}" == i[1]))).ToList();
        var occupancy = instances.Aggregate(
            new Occupancy(0, false), (o, i) => o.Takes(shapes.Find(i.Item1), i.Item2)
                ? o.With(shapes.Find(i.Item1), i.Item2) : throw new ArgumentException($"{text} overlaps"));
        return (new PackGpu(shapes, occupancy), instances);
    }

    /// <summary>A model's profiles, under their own names where no others are given.</summary>
    public static IReadOnlyList<ProfileShape> Load(string model, string[]? names)
    {
        var profiles = GpuModel.Load(GpuModel.Names.First(n => n.Contains(model, StringComparison.Ordinal))).Profiles;
        return
        [
            .. profiles.Select((p, i) => new ProfileShape(
                names?[i] ?? p.Name, [.. p.PlacementStarts.Select(s => new Placement(s, p.PlacementSize))], p.Media)),
        ];
    }
}
