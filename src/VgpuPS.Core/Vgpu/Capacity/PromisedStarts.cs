using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Vgpu.Capacity;

/// <summary>Which claims wait for a vGPU that does not exist yet, and the room that they will find.</summary>
public static class PromisedStarts
{
    /// <summary>
    /// Claims without a device: Proxmox has not chosen their function yet, or their VM is coming back. A claim of a mapping
    /// has landed when a reservation of its VM is on a function with its type.
    /// </summary>
    /// <param name="gpus">The GPUs as read.</param>
    /// <param name="claims">Claims of the VMs that count.</param>
    /// <param name="reservations">Proxmox's reservations.</param>
    public static IReadOnlyList<PendingStart> Find(
        IEnumerable<GpuState> gpus, IEnumerable<VgpuClaim> claims, IEnumerable<FunctionReservation> reservations)
    {
        var functions = gpus.SelectMany(g => g.Functions).ToDictionary(f => f.Address);
        var landed = reservations
            .Where(r => functions.TryGetValue(r.Function, out var f) && f.CurrentType is not null)
            .GroupBy(r => (r.Vm, Type: functions[r.Function].CurrentType!.Value))
            .ToDictionary(g => g.Key, g => g.Count());
        var promised = new List<PendingStart>();
        foreach (var claim in claims.Where(c => c.State != ClaimState.Live))
        {
            var isThere = claim.Function is { } address
                && functions.TryGetValue(address, out var function)
                && (function.CurrentType == claim.Type
                    || function.Devices.Any(d => d.Uuid == (claim.Mdev ?? MdevUuid.ForGuest(claim.Vm, claim.Entry))));
            if (!isThere && claim.Function is null
                && landed.TryGetValue((claim.Vm, claim.Type), out var count) && count > 0)
            {
                landed[(claim.Vm, claim.Type)] = count - 1;
                isThere = true;
            }

            if (!isThere)
            {
                promised.Add(new PendingStart(claim.Vm, claim.Entry, claim.Type, claim.Candidates));
            }
        }

        return promised;
    }

    /// <summary>The room of GPUs as read, with the functions that nobody holds.</summary>
    /// <param name="gpus">The GPUs as read.</param>
    /// <param name="held">Functions that are reserved for somebody.</param>
    /// <param name="expected">Functions that will exist, with their GPU.</param>
    public static HostRoom Room(
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
        return new HostRoom(gpus.ToDictionary(g => g.Address, GpuRoom.From), owners, types, free);
    }
}
