using System.Globalization;

namespace VgpuPS.Changing;

/// <summary>GPU instances as users name them.</summary>
internal static class Instances
{
    /// <summary>A failure for each id that no instance of the GPUs has.</summary>
    public static IEnumerable<VgpuException> FindMissing(
        IReadOnlyList<uint>? ids, HostReport report, IEnumerable<GpuInfo> gpus)
    {
        var there = gpus.SelectMany(report.InstancesOf).Select(i => i.GpuInstanceId).ToHashSet();
        return (ids ?? []).Where(i => !there.Contains(i)).Select(i => new ObjectNotFoundException(
            ErrorIds.InstanceNotFound,
            string.Create(CultureInfo.InvariantCulture, $"there is no GPU instance {i}"),
            "see the instances: Get-MigInstance", i.ToString(CultureInfo.InvariantCulture)));
    }
}
