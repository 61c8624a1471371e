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
        var gpus = reader.Addresses.Select(a => (Address: a, Identity: reader.Identify(a))).ToList();
        foreach (var named in layouts.Where(IsIdentity))
        {
            if (!gpus.Exists(g => Matches(named, g.Address, g.Identity)))
            {
                throw new ObjectNotFoundException(
                    ErrorIds.DeviceNotFound, $"the driver has no GPU {named.Gpu}, which the layout names",
                    "See the GPUs: Get-Gpu", named.Gpu);
            }
        }

        var found = new List<(PciAddress, GpuLayout)>();
        foreach (var (address, identity) in gpus)
        {
            var entries = layouts.Where(l => Matches(l, address, identity)).ToList();
            entries = entries.Exists(IsIdentity) ? [.. entries.Where(IsIdentity)] : entries;
            if (entries.Count > 1)
            {
                throw new InvalidRequestException(
                    ErrorIds.InvalidRequest,
                    $"the layout is about GPU {address} twice: as {string.Join(" and as ", entries.Select(e => e.Gpu))}",
                    "Leave one of them out", address.ToString());
            }

            found.AddRange(entries.Select(e => (address, e)));
        }

        return found;
    }

    private static bool IsIdentity(GpuLayout layout) =>
        PciAddress.TryParse(layout.Gpu, out _) || layout.Gpu.StartsWith("GPU-", StringComparison.OrdinalIgnoreCase);

    private static bool Matches(GpuLayout layout, PciAddress address, (GpuUuid Uuid, string Model) identity) =>
        GpuMatch.Matches(layout.Gpu, address, identity.Uuid, identity.Model);
}
