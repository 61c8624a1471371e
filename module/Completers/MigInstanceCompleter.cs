using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes GPU instances by id.</summary>
public sealed class MigInstanceCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from gpu in FindGpus(report, bound)
        from instance in report.InstancesOf(gpu)
        select new Completion(
            instance.GpuInstanceId.ToString(CultureInfo.InvariantCulture),
            string.Create(
                CultureInfo.InvariantCulture,
                $"GI {instance.GpuInstanceId}: {instance.Profile} at {instance.Placement}, {gpu.GpuAddress}"),
            instance.Profile);
}
