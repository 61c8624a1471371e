using VgpuPS.Core.Planning;

namespace VgpuPS.Host.Operations;

/// <summary>Says why instances do not fit: who holds what, what would free enough, and what is the largest that
/// fits.</summary>
internal static class CapacityRefusal
{
    private const int StopLimit = 16;

    /// <summary>The refusal.</summary>
    /// <param name="placer">Finds places.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="kept">Instances that were to stay.</param>
    /// <param name="requests">What does not fit.</param>
    public static VgpuException Of(
        InstancePlacer placer, ManagedGpu gpu, IReadOnlyList<GpuInstance> kept, IReadOnlyList<InstanceRequest> requests)
    {
        var texts = string.Join(", ", requests.Select(w => w.Text));
        if (placer.Place(gpu, [], [.. requests.Select(w => (w.Profile, w.Placement))]) is null)
        {
            return new CapacityException(
                ErrorIds.NoFreePlacement, $"{texts} do not fit together on {gpu.Text}, even on an empty GPU",
                $"request fewer or smaller ones: Get-MigProfile -Gpu {gpu.Address}", gpu.Address.ToString());
        }

        var taken = requests.Count == 1 && requests[0].Placement is { } place
            ? kept.Where(i => i.Placement.Overlaps(place)).ToList() : [];
        var what = taken.Count > 0
            ? $"{texts} is taken on {gpu.Text} by {string.Join(", ", taken.Select(i => Describe(gpu, i)))}"
            : $"insufficient capacity for {texts} on {gpu.Text}: "
                + $"{string.Join(", ", kept.OrderBy(i => i.Placement).Select(i => Describe(gpu, i)))}";
        return new CapacityException(
            ErrorIds.NoFreePlacement, $"{what}; {DescribeLargest(placer, gpu, kept)}", Advise(gpu, kept, requests),
            gpu.Address.ToString());
    }

    private static string Describe(ManagedGpu gpu, GpuInstance instance) =>
        $"{gpu.Describe(instance)} of {gpu.DescribeUsers(instance)}";

    private static string DescribeLargest(
        InstancePlacer placer, ManagedGpu gpu, IReadOnlyList<GpuInstance> kept)
    {
        var largest = gpu.Profiles.OrderByDescending(p => p.ComputeSlices).ThenByDescending(p => p.MemoryMiB)
            .FirstOrDefault(p => placer.Place(gpu, kept, [(p, null)]) is not null);
        return largest is null ? "nothing fits" : $"the largest that fits is {largest.Name}";
    }

    /// <summary>
    /// The fewest VMs and idle instances that must go; an idle instance counts as one that a user can remove.
    /// </summary>
    private static string Advise(
        ManagedGpu gpu, IReadOnlyList<GpuInstance> kept, IReadOnlyList<InstanceRequest> requests)
    {
        var shapes = ProfileShape.From(gpu.Profiles).ToList();
        shapes.AddRange(requests.Where(w => w.Placement is not null).DistinctBy(w => w.Text).Select(w =>
            new ProfileShape(w.Text, [w.Placement!.Value], w.Profile.TakesMediaEngines)));
        var held = kept.Select(i => new HeldInstance(
            0, i.Placement, gpu.FindProfile(i.Profile) is { TakesMediaEngines: true }, HoldersOf(gpu, i),
            new PackItem(gpu.NameOf(i), [0]))).ToList();
        var stop = CapacitySearch.FindStops(
            [new PackGpu(shapes, gpu.Occupy(kept))], held, [.. requests.Select(w => new PackItem(w.Text, [0]))],
            restarts: false, StopLimit);
        if (stop is not { Count: > 0 })
        {
            return $"remove instances that no VM needs: Get-MigInstance -Gpu {gpu.Address}";
        }

        var vms = stop.Where(s => s >= 0).Select(s => new VmId(s)).ToList();
        var gone = kept.Where(i => HoldersOf(gpu, i).All(stop.Contains)).Select(i => i.Id).Order();
        var remove = $"Remove-MigInstance -Gpu {gpu.Address} -GpuInstanceId {string.Join(",", gone)}";
        return vms.Count == 0 ? $"remove what no VM uses: {remove}"
            : $"stop {VmNotes.Join(vms)} ({VmNotes.Shutdown(vms)}), then: {remove}";
    }

    private static IReadOnlyList<int> HoldersOf(ManagedGpu gpu, GpuInstance instance)
    {
        var vms = gpu.VgpusOn(instance).Select(v => v.Vm?.Value).OfType<int>().Distinct().Order().ToList();
        return vms.Count > 0 ? vms : [-1 - (int)instance.Id.Value];
    }
}
