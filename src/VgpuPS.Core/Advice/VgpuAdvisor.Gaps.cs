namespace VgpuPS.Core.Advice;

public sealed partial class VgpuAdvisor
{
    /// <summary>What is not as tenants ask for it: first those without a place, then those who miss a part.</summary>
    private IReadOnlyList<VgpuAdviceGap> FindGaps(
        IReadOnlyList<Seated> seated, IReadOnlyList<int> left, bool isExact)
    {
        var gaps = _tenants.Where(t => t.Contradiction is not null)
            .Select(t => new VgpuAdviceGap(t.Name, t.Count, false, t.Contradiction!)).ToList();
        foreach (var (group, count) in _groups.Zip(left).Where(g => g.Second > 0))
        {
            // Those that are served come first, so the last ones are left.
            var reason = ExplainNoPlace(group, isExact);
            gaps.AddRange(group.Seats.Skip(group.Count - count).GroupBy(s => s.Tenant)
                .Select(t => new VgpuAdviceGap(t.Key.Name, t.Count(), false, reason + DescribeOwners(t))));
        }

        var partly = seated.Select(s => (s.Seat.Tenant, Reason: FindLack(s))).Where(s => s.Reason is not null)
            .GroupBy(s => (s.Tenant, s.Reason));
        gaps.AddRange(partly.Select(g => new VgpuAdviceGap(g.Key.Tenant.Name, g.Count(), true, g.Key.Reason!)));
        return
        [
            .. gaps.GroupBy(g => g with { Count = 0 }).Select(g => g.Key with { Count = g.Sum(one => one.Count) })
                .OrderBy(g => g.IsPlaced).ThenBy(g => Order(g.Tenant)),
        ];
    }

    private static string? FindLack(Seated seated)
    {
        var (tenant, type) = (seated.Seat.Tenant, seated.Vgpu.Type);
        return seated.Vgpu.Worth == AdviceSeat.Nearly
            ? "no full guarantee: fixed shares give equal time, but no memory bandwidth or caches of its own"
            : seated.Vgpu.Worth == AdviceSeat.Placed
            ? seated.HasMixedSizes ? "no guarantee: fixed shares and mixed sizes exclude each other"
                : "no guarantee: its GPU cannot be given fixed shares now"
            : tenant.Burst && type.Profile is not null && !seated.HasAllMultiprocessors
                ? "no bursts: its GPU instance never has more than its own SMs"
            : tenant.Burst && type.Profile is null && !type.IsWhole && seated.HasFixedShares
                ? "no bursts: fixed shares leave the time of idle VMs unused"
            : null;
    }

    /// <summary>Why a VM of a group has no place: no GPU could serve it even alone, and what is in the way; else that
    /// others have what there is.</summary>
    private string ExplainNoPlace(SeatGroup group, bool isExact)
    {
        var gpus = _gpus.Where(g => group.Host is null || g.Host == group.Host).ToList();
        if (gpus.Count == 0)
        {
            return group.Host is null ? "there is no GPU" : $"host {group.Host}, which has its VM, has no GPU";
        }

        if (CanServe(group, gpus))
        {
            return !isExact ? "not all combinations were tried, and none that was has a place for it beside the "
                    + "others; give them less, or add a GPU"
                : _tenants.Count == 1 ? "nothing is free for more of them; ask for fewer, or add a GPU"
                : "the other tenants have what there is; give them less, or add a GPU";
        }

        if (gpus.TrueForAll(g => g.Obstacle is not null || g.FreeFunctions == 0))
        {
            return $"no GPU can take a vGPU now: {string.Join("; ", gpus.Select(g => $"{g}: "
                + (g.Obstacle ?? "no function is free")))}";
        }

        var largest = gpus.SelectMany(g => g.Types).MaxBy(t => t.FramebufferMiB);
        if (largest is null || largest.FramebufferMiB < group.Needs.MemoryMiB)
        {
            return Invariant(
                $"{group.Needs.MemoryMiB} MiB are more than any type has; the largest is {largest?.Name ?? "none"} ")
                + Invariant($"with {largest?.FramebufferMiB ?? 0} MiB");
        }

        return ExplainMember(group, gpus)
            ?? (gpus.TrueForAll(g => g.Occupants.Count == 0) ? "no GPU has a type that is all of what it asks for"
                : "no GPU has a type for it beside what VMs have already");
    }

    /// <summary>The member of the tenant without which it would have a place; null where no single one is the
    /// cause.</summary>
    private static string? ExplainMember(SeatGroup group, IReadOnlyList<AdviceGpu> gpus)
    {
        var alone = group.Needs;
        (bool IsAsked, Tenant Without, string What)[] members =
        [
            (alone.Encoder, alone with { Encoder = false },
                "no GPU has an encoder for it: that takes a type of class Q, in a GPU instance one with an encoder"),
            (alone.UnifiedMemory, alone with { UnifiedMemory = false },
                "unified memory needs a GPU instance, or a GPU of its own"),
            (alone is { AllMultiprocessors: true, Guarantee: true }, alone with { Guarantee = false },
                "all SMs together with a guarantee need a GPU of its own, and none is free"),
            (alone.AllMultiprocessors, alone with { AllMultiprocessors = false },
                "no type that is free here shows all SMs"),
            (alone.Guarantee, alone with { Guarantee = false }, "nothing here gives a guarantee"),
        ];
        return members.Where(m => m.IsAsked && CanServe(group with { Needs = m.Without }, gpus)).Select(m => m.What)
            .FirstOrDefault();
    }

    /// <summary>Which of the VMs have a vGPU already, so that asking for another is most likely not meant.</summary>
    private string DescribeOwners(IEnumerable<Seat> seats)
    {
        var owners = seats.Select(s => s.VmId).OfType<int>()
            .Where(vm => _vms.GetValueOrDefault(vm)?.HasVgpu == true).Order().ToList();
        return owners.Count == 0 ? ""
            : Invariant($"; {(owners.Count == 1 ? "VM" : "VMs")} {string.Join(", ", owners)} ")
                + (owners.Count == 1 ? "has a vGPU" : "have vGPUs")
                + " already: leave out who is served, or Remove-VmVgpu first";
    }

    private static bool CanServe(SeatGroup group, IReadOnlyList<AdviceGpu> gpus) =>
        gpus.Any(g => new FillingFinder(g, [group], [[0, 1]], isExact: true).Find().Count > 0);
}
