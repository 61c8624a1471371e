using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Operations.Capacity;

/// <summary>Types of a GPU that are counted: those that a request means, or one of each size.</summary>
internal static class CapacityTypes
{
    /// <summary>Types that a request means on each GPU that has some.</summary>
    /// <param name="request">At most one of type, profile and memory; none for one type of each size.</param>
    /// <param name="gpus">The GPUs.</param>
    /// <exception cref="VgpuException">No GPU has such a type; what the first of them says.</exception>
    public static IReadOnlyList<(GpuState Gpu, IReadOnlyList<VgpuType> Types)> Find(
        VgpuRequest request, IReadOnlyList<GpuState> gpus)
    {
        if (request.Count == 0)
        {
            return [.. gpus.Select(g => (g, OfEachSize(g)))];
        }

        // A time-sliced type on a GPU in MIG mode is counted too: there is none of it.
        var found = request.Type is { } name
            ? [.. gpus.Select(g => (Gpu: g, Types: VgpuTypeChoice.FindNamed(name, g)))]
            : gpus.Select(g => (Gpu: g, Types: TryFind(request, g))).ToList();
        return found.Exists(f => f.Types.Count > 0) ? [.. found.Where(f => f.Types.Count > 0)]
            : [.. VgpuTypeChoice.Find(request, gpus).Select(t => (t.Gpu, (IReadOnlyList<VgpuType>)[t.Type]))];
    }

    /// <summary>Of each frame buffer size, or GPU instance profile, the type that a request for it would get.</summary>
    private static IReadOnlyList<VgpuType> OfEachSize(GpuState gpu) =>
    [
        .. gpu.Types.Values.Where(gpu.FitsMode)
            .Where(t => t.Profile is not { } id || gpu.FindProfile(id) is { TakesMediaEngines: false })
            .GroupBy(t => (t.Profile, t.FramebufferMiB))
            .Select(g => VgpuTypeChoice.Best(gpu, g)!).OrderBy(t => t.FramebufferMiB).ThenBy(t => t.Id),
    ];

    private static IReadOnlyList<VgpuType> TryFind(VgpuRequest request, GpuState gpu)
    {
        try
        {
            return [.. VgpuTypeChoice.Find(request, [gpu]).Select(t => t.Type)];
        }
        catch (VgpuException)
        {
            // Another GPU may have it; where none does, all of them are asked together for the reason.
            return [];
        }
    }
}
