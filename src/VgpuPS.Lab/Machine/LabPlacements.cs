using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Machine;

/// <summary>Where GPU instances fit, and which ids they get.</summary>
/// <remarks>
/// Source: facts/mig-profiles.json (gi_id_encoding; ids in the order of positions are assumed). That decoders, JPEG
/// and optical flow engines are counted against those of the whole GPU is assumed.
/// </remarks>
internal static class LabPlacements
{
    public static bool Fits(
        GpuModel model, IReadOnlyCollection<LabGpuInstance> instances, GpuModelProfile profile, int start)
    {
        var others = instances.Select(instance => model.FindProfile(instance.Profile)).OfType<GpuModelProfile>().ToList();
        return !instances.Any(other => start < other.Start + other.Size && other.Start < start + profile.PlacementSize)
            && others.Count(other => other.Id == profile.Id) < profile.MaxInstances
            && !(profile.Media && others.Exists(other => other.Media))
            && HasLeft(p => p.ComputeSlices, model.ComputeSlices)
            && HasLeft(p => p.Decoders, model.Profiles.Max(p => p.Decoders))
            && HasLeft(p => p.Jpegs, model.Profiles.Max(p => p.Jpegs))
            && HasLeft(p => p.Ofas, model.Profiles.Max(p => p.Ofas));

        bool HasLeft(Func<GpuModelProfile, int> count, int all) => others.Sum(count) + count(profile) <= all;
    }

    public static LabGpuInstance Make(LabGpu gpu, GpuModelProfile profile, int start, long serial) => new()
    {
        Id = IdAt(gpu.Model, start, profile.PlacementSize),
        Serial = serial,
        Profile = profile.Id,
        Start = start,
        Size = profile.PlacementSize,
    };

    // 0 the whole GPU, 1-2 halves, 3-6 quarters, 7-14 eighths.
    private static uint IdAt(GpuModel model, int start, int size)
    {
        var parts = model.MemorySlices / size;
        return (uint)(parts - 1 + (start / size));
    }
}
