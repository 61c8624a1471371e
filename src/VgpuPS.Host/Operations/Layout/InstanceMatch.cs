using VgpuPS.Core.Gpu;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>Finds, for wanted instances, those that are there already.</summary>
internal static class InstanceMatch
{
    /// <summary>Pairs them: wishes with a place first, then by what is in use, then by equal compute instances.</summary>
    public static IReadOnlyList<(InstanceWish Wish, GpuInstance Instance)> Find(
        ManagedGpu gpu, IReadOnlyList<InstanceWish> wishes)
    {
        var free = gpu.Instances.ToList();
        var found = new List<(InstanceWish, GpuInstance)>();
        foreach (var wish in wishes.OrderByDescending(w => w.Placement is not null))
        {
            var match = free
                .Where(i => i.Profile == wish.Profile.Id && (wish.Placement is null || i.Placement == wish.Placement))
                .OrderByDescending(gpu.IsUsed)
                .ThenByDescending(i => HasCompute(gpu, i, wish))
                .ThenBy(i => i.Placement)
                .FirstOrDefault();
            if (match is not null)
            {
                free.Remove(match);
                found.Add((wish, match));
            }
        }

        return found;
    }

    /// <summary>Whether an instance has exactly the compute instances that are wanted.</summary>
    public static bool HasCompute(ManagedGpu gpu, GpuInstance instance, InstanceWish wish) =>
        instance.ComputeInstances.Select(c => gpu.NameOf(instance, c)).Order(StringComparer.Ordinal)
            .SequenceEqual(wish.Compute.Order(StringComparer.Ordinal), StringComparer.Ordinal);
}
