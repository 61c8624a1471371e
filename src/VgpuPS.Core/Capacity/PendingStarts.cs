using VgpuPS.Core.Claims;

namespace VgpuPS.Core.Capacity;

/// <summary>Which claims wait for a vGPU that does not exist yet, and the capacity that they will find.</summary>
public static class PendingStarts
{
    /// <summary>
    /// Claims without a device: their VM is coming back and may be placed on any of its candidates, or their function
    /// is known
    /// and its device is not made yet.
    /// </summary>
    /// <param name="gpus">The GPUs as read.</param>
    /// <param name="claims">Claims of the VMs that count.</param>
    public static IReadOnlyList<PendingStart> Find(IEnumerable<GpuState> gpus, IEnumerable<VgpuClaim> claims)
    {
        var functions = gpus.SelectMany(g => g.Functions).ToDictionary(f => f.Address);
        return [.. claims.Where(c => c.State != ClaimState.Live && !IsThere(c)).Select(c => new PendingStart(
            c.Vm, c.Type, c.Function is { } own ? [own] : c.Candidates))];

        bool IsThere(VgpuClaim claim) => claim.Function is { } address
            && functions.TryGetValue(address, out var function)
            && (function.CurrentType == claim.Type
                || function.Devices.Any(d => d.Uuid == (claim.Mdev ?? MdevUuid.ForVm(claim.Vm, claim.Entry))));
    }

    /// <summary>The capacity of GPUs as read, with the functions that are not held.</summary>
    /// <param name="gpus">The GPUs as read.</param>
    /// <param name="held">Functions that are reserved for a VM.</param>
    /// <param name="expected">Functions that will exist, with their GPU.</param>
    public static HostCapacity ReadCapacity(
        IReadOnlyCollection<GpuState> gpus, IReadOnlySet<PciAddress> held,
        IReadOnlyDictionary<PciAddress, PciAddress> expected)
    {
        var owners = gpus.SelectMany(g => g.Functions.Select(f => (f.Address, Gpu: g.Address)))
            .ToDictionary(o => o.Address, o => o.Gpu);
        foreach (var (function, gpu) in expected)
        {
            owners[function] = gpu;
        }

        var types = gpus.SelectMany(g => g.Types.Values.Select(t => (Key: (g.Address, t.Id), Type: t)))
            .ToDictionary(t => t.Key, t => t.Type);
        var free = gpus.SelectMany(g => g.Functions)
            .Where(f => f.Driver == "nvidia" && (f.IsShared || !f.IsOccupied) && !held.Contains(f.Address))
            .Select(f => f.Address)
            .Concat(expected.Keys);
        return new HostCapacity(gpus.ToDictionary(g => g.Address, GpuCapacity.From), owners, types, free);
    }
}
