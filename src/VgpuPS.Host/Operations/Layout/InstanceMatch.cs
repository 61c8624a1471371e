namespace VgpuPS.Host.Operations.Layout;

/// <summary>Finds, for requested instances, those that are there already.</summary>
internal static class InstanceMatch
{
    /// <summary>
    /// Pairs them: requests with a place first, then by what is in use, then by equal compute instances.
    /// </summary>
    public static IReadOnlyList<(InstanceRequest Request, GpuInstance Instance)> Find(
        ManagedGpu gpu, IReadOnlyList<InstanceRequest> requests)
    {
        var free = gpu.Instances.ToList();
        var found = new List<(InstanceRequest, GpuInstance)>();
        foreach (var request in requests.OrderByDescending(w => w.Placement is not null))
        {
            var match = free
                .Where(i => i.Profile == request.Profile.Id
                    && (request.Placement is null || i.Placement == request.Placement))
                .OrderByDescending(gpu.IsUsed)
                .ThenByDescending(i => HasCompute(gpu, i, request))
                .ThenBy(i => i.Placement)
                .FirstOrDefault();
            if (match is not null)
            {
                free.Remove(match);
                found.Add((request, match));
            }
        }

        return found;
    }

    /// <summary>Whether an instance has exactly the compute instances that are requested.</summary>
    public static bool HasCompute(ManagedGpu gpu, GpuInstance instance, InstanceRequest request) =>
        instance.ComputeInstances.Select(c => gpu.NameOf(instance, c)).Order(StringComparer.Ordinal)
            .SequenceEqual(request.Compute.Order(StringComparer.Ordinal), StringComparer.Ordinal);
}
