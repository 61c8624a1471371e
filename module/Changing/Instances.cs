using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Inventory;

namespace VgpuPS.Changing;

/// <summary>GPU instances as users name them.</summary>
internal static class Instances
{
    /// <summary>A failure for each id that no instance of the GPUs has.</summary>
    public static IEnumerable<VgpuException> FindMissing(IReadOnlyList<uint>? ids, IEnumerable<GpuReport> gpus)
    {
        var there = gpus.SelectMany(g => g.Instances).Select(i => i.Id).ToHashSet();
        return (ids ?? []).Where(i => !there.Contains(i)).Select(i => new ObjectNotFoundException(
            ErrorIds.InstanceNotFound,
            string.Create(CultureInfo.InvariantCulture, $"there is no GPU instance {i}"),
            "see the instances: Get-MigInstance", i.ToString(CultureInfo.InvariantCulture)));
    }
}
