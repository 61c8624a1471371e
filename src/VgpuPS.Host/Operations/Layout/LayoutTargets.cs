using VgpuPS.Core.Capacity;
using VgpuPS.Core.Layout;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>Which GPU gets which entry of a layout: one that names it by address or UUID goes before one that names its
/// model.</summary>
internal static class LayoutTargets
{
    /// <summary>Finds them, ascending address.</summary>
    /// <exception cref="ObjectNotFoundException">An address, UUID or model that no GPU has.</exception>
    /// <exception cref="HostNotReadyException">The driver does not have a GPU that is there.</exception>
    /// <exception cref="InvalidRequestException">Two entries are about one GPU.</exception>
    public static IReadOnlyList<(PhysicalFunction Gpu, GpuLayout Layout)> Find(
        GpuReader reader, IReadOnlyList<GpuLayout> layouts)
    {
        var gpus = reader.Gpus;
        foreach (var named in layouts)
        {
            if (!gpus.Any(g => Fits(named, g.Address)))
            {
                reader.RequireDriver(named.Gpu);
                throw new ObjectNotFoundException(
                    ErrorIds.DeviceNotFound,
                    $"the driver has no GPU {named.Gpu}, which the layout names"
                        + (IsIdentity(named) ? "" : DescribeModels(gpus.Select(g => reader.Identify(g.Address).Model))),
                    "see the GPUs: Get-Gpu", named.Gpu);
            }
        }

        var found = new List<(PhysicalFunction, GpuLayout)>();
        foreach (var gpu in gpus)
        {
            var entries = layouts.Where(l => Fits(l, gpu.Address)).ToList();
            entries = entries.Exists(IsIdentity) ? [.. entries.Where(IsIdentity)] : entries;
            if (entries.Count > 1)
            {
                throw DuplicateName(gpu.Address, entries);
            }

            found.AddRange(entries.Select(e => (gpu, e)));
        }

        return found;

        // A GPU that does not answer does not affect another that is named by its address.
        bool Fits(GpuLayout layout, PciAddress gpu) => PciAddress.TryParse(layout.Gpu, out var named)
            ? named == gpu
            : Matches(layout, gpu, (reader.Identify(gpu).Uuid, reader.Identify(gpu).Model));
    }

    /// <summary>What models there are, for a name that none has: <c>; it has NVIDIA A30</c>.</summary>
    internal static string DescribeModels(IEnumerable<string> models) =>
        $"; it has {string.Join(", ", models.Distinct().Order(StringComparer.Ordinal).DefaultIfEmpty("none"))}";

    /// <summary>The refusal of two entries about one GPU.</summary>
    internal static InvalidRequestException DuplicateName(PciAddress gpu, IEnumerable<GpuLayout> entries) => new(
        ErrorIds.LayoutConflict,
        $"the layout has two entries for GPU {gpu}: {string.Join(" and ", entries.Select(e => e.Gpu))}",
        "remove one of them", gpu.ToString());

    /// <summary>Whether an entry names one GPU, by address or UUID.</summary>
    internal static bool IsIdentity(GpuLayout layout) =>
        PciAddress.TryParse(layout.Gpu, out _) || layout.Gpu.StartsWith("GPU-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an entry is about a GPU.</summary>
    internal static bool Matches(GpuLayout layout, PciAddress address, (GpuUuid Uuid, string Model) identity) =>
        GpuMatch.Matches(layout.Gpu, address, identity.Uuid, identity.Model);
}
