namespace VgpuPS.Core.Advice;

/// <summary>VMs that are served alike: of tenants with the same needs, and where they name VMs of one host.</summary>
/// <param name="Needs">What they ask for.</param>
/// <param name="Host">The host whose GPUs they can have; null for any.</param>
/// <param name="Seats">The VMs, in the order in which they are served.</param>
internal sealed record SeatGroup(Tenant Needs, string? Host, IReadOnlyList<Seat> Seats)
{
    /// <summary>How many there are.</summary>
    public int Count => Seats.Count;

    /// <summary>Groups of tenants, in the order in which they first come.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="hosts">Hosts of VMs by number.</param>
    /// <param name="served">VMs that have what they need, and no part in it.</param>
    public static IReadOnlyList<SeatGroup> Of(
        IEnumerable<Tenant> tenants, IReadOnlyDictionary<int, string> hosts, IReadOnlySet<int> served) =>
    [
        .. tenants.SelectMany(t => Enumerable.Range(0, t.Count)
                .Select(n => new Seat(t, n < t.VmIds.Count ? t.VmIds[n] : null)))
            .Where(s => s.VmId is not { } vm || !served.Contains(vm))
            .GroupBy(s => (s.Tenant.Needs, Host: s.VmId is { } vm ? hosts.GetValueOrDefault(vm) : null))
            .Select(g => new SeatGroup(g.Key.Needs, g.Key.Host, [.. g])),
    ];
}

/// <summary>A VM of a tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="VmId">The VM; null where the tenant names none.</param>
internal sealed record Seat(Tenant Tenant, int? VmId);

/// <summary>A vGPU that a tenant's VM gets.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Sharing">How many vGPUs share its SMs, itself included.</param>
/// <param name="SmallestMiB">Frame buffer of the smallest type that would do.</param>
/// <param name="Worth"><see cref="All"/>, <see cref="Nearly"/> or <see cref="Placed"/>.</param>
internal sealed record AdviceSeat(AdviceType Type, int Sharing, long SmallestMiB, int Worth)
{
    /// <summary>It is all that the tenant asks for.</summary>
    public const int All = 2;

    /// <summary>Fixed shares stand for a guarantee.</summary>
    public const int Nearly = 1;

    /// <summary>A guarantee was asked for, and there is none.</summary>
    public const int Placed = 0;
}
