using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.ApplyLayout;

/// <summary>Which GPU gets which entry of a layout: one that names it by address or UUID goes before one that names its model.</summary>
internal static class LayoutTargets
{
    /// <summary>Finds them, ascending address.</summary>
    /// <exception cref="ObjectNotFoundException">An address or UUID that no GPU has; a model may match none.</exception>
    /// <exception cref="InvalidRequestException">Two entries are about one GPU.</exception>
    public static IReadOnlyList<(PciAddress Gpu, GpuLayout Layout)> Find(
        ManagedGpuReader reader, IReadOnlyList<GpuLayout> layouts)
    {
        // A GPU that does not answer keeps nobody from another that is named by its address.
        var identities = new Dictionary<PciAddress, (GpuUuid, string)>();
        var gpus = reader.Addresses;
        foreach (var named in layouts.Where(IsIdentity))
        {
            if (!gpus.Any(g => Fits(named, g)))
            {
                throw new ObjectNotFoundException(
                    ErrorIds.DeviceNotFound, $"the driver has no GPU {named.Gpu}, which the layout names",
                    "See the GPUs: Get-Gpu", named.Gpu);
            }
        }

        var found = new List<(PciAddress, GpuLayout)>();
        foreach (var address in gpus)
        {
            var entries = layouts.Where(l => Fits(l, address)).ToList();
            entries = entries.Exists(IsIdentity) ? [.. entries.Where(IsIdentity)] : entries;
            if (entries.Count > 1)
            {
                throw NamedTwice(address, entries);
            }

            found.AddRange(entries.Select(e => (address, e)));
        }

        return found;

        bool Fits(GpuLayout layout, PciAddress gpu)
        {
            if (PciAddress.TryParse(layout.Gpu, out var named))
            {
                return named == gpu;
            }

            if (!identities.TryGetValue(gpu, out var identity))
            {
                identities[gpu] = identity = reader.Identify(gpu);
            }

            return Matches(layout, gpu, identity);
        }
    }

    /// <summary>The refusal of two entries about one GPU.</summary>
    internal static InvalidRequestException NamedTwice(PciAddress gpu, IEnumerable<GpuLayout> entries) => new(
        ErrorIds.InvalidRequest,
        $"the layout is about GPU {gpu} twice: as {string.Join(" and as ", entries.Select(e => e.Gpu))}",
        "Leave one of them out", gpu.ToString());

    /// <summary>Whether an entry names one GPU, by address or UUID.</summary>
    internal static bool IsIdentity(GpuLayout layout) =>
        PciAddress.TryParse(layout.Gpu, out _) || layout.Gpu.StartsWith("GPU-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an entry is about a GPU.</summary>
    internal static bool Matches(GpuLayout layout, PciAddress address, (GpuUuid Uuid, string Model) identity) =>
        GpuMatch.Matches(layout.Gpu, address, identity.Uuid, identity.Model);
}
