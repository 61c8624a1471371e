using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes GPU instances by id.</summary>
public sealed class MigInstanceCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from inventory in Read(bound)
        from gpu in FindGpus(inventory, bound)
        from instance in inventory.InstancesOf(gpu)
        select new Completion(
            instance.GpuInstanceId.ToString(CultureInfo.InvariantCulture),
            string.Create(
                CultureInfo.InvariantCulture,
                $"GI {instance.GpuInstanceId}: {instance.Profile} at {instance.Placement}, {gpu.Address}"),
            instance.Profile);
}
