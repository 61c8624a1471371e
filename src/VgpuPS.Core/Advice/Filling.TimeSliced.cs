namespace VgpuPS.Core.Advice;

internal sealed partial class FillingFinder
{
    private IReadOnlyList<AdviceType> TimeSliced => [.. gpu.Types.Where(t => t.Profile is null)];

    private void FindTimeSliced()
    {
        var here = gpu.Occupants.Select(o => o.FramebufferMiB).Distinct().ToList();
        foreach (var size in TimeSliced.Select(t => t.FramebufferMiB).Distinct())
        {
            if (gpu.MayHaveOneSize && here.TrueForAll(s => s == size))
            {
                FindOneSize(size);
            }
        }

        _looks = 0;
        if (gpu.MayMixSizes)
        {
            FindMixed();
        }
    }

    /// <summary>All vGPUs of the GPU have one frame buffer size.</summary>
    private void FindOneSize(long size)
    {
        var types = groups.Select(g => FindType(g, t => t.FramebufferMiB == size)).ToList();
        foreach (var counts in Combine((i, _) => types[i] is not null, Fits))
        {
            KeepTimeSliced(counts, types, isMixed: false);
        }

        bool Fits(int[] counts)
        {
            var total = counts.Sum();
            return total <= Limit && counts.Index().Where(c => c.Item > 0)
                .All(c => total + gpu.Occupants.Count <= types[c.Index]!.MaxPerGpu);
        }
    }

    /// <summary>Each vGPU has its own size; a size takes the next half, quarter … of the GPU.</summary>
    /// <remarks>
    /// Source: facts/vgpu-types.json: most of a type with mixed sizes: four A30-4C, two A30-8C. Assumed for types of
    /// which none is known; a GPU that could mix more finely takes more than this says.
    /// </remarks>
    private void FindMixed()
    {
        var types = groups.Select(g => FindType(g, _ => true)).ToList();
        var taken = gpu.Occupants.Sum(o => Room(o.FramebufferMiB));
        foreach (var counts in Combine((i, _) => types[i] is not null, Fits))
        {
            KeepTimeSliced(counts, types, isMixed: true);
        }

        bool Fits(int[] counts) => counts.Sum() <= Limit
            && taken + counts.Index().Where(c => c.Item > 0).Sum(c => c.Item * Room(types[c.Index]!.FramebufferMiB))
                <= 1 + 1e-9;
    }

    private double Room(long size)
    {
        var room = 1.0;
        while (gpu.LargestMiB * room / 2 >= size)
        {
            room /= 2;
        }

        return room;
    }

    /// <summary>The smallest time-sliced type that serves a group; null for none.</summary>
    private AdviceType? FindType(SeatGroup group, Func<AdviceType, bool> isOf) => !IsHere(group) ? null
        : TimeSliced.Where(isOf).Where(t => t.FramebufferMiB >= group.Needs.MemoryMiB)
            .Where(t => !group.Needs.UnifiedMemory || t.IsWhole).Where(t => !(group.Needs.Encoder && t.IsCompute))
            .MinBy(t => (!t.IsCompute, t.FramebufferMiB));

    private void KeepTimeSliced(int[] counts, List<AdviceType?> types, bool isMixed)
    {
        var sharing = counts.Sum() + gpu.Occupants.Count;
        var isShared = counts.Index().Any(c =>
            c.Item > 0 && groups[c.Index].Needs.Guarantee && !types[c.Index]!.IsWhole);
        var isFixed = gpu.Occupants.Count > 0 ? gpu.Scheduler == SchedulerPolicy.FixedShare
            : isShared && !isMixed && gpu.CanFixShares;
        List<FillingPart> parts =
        [
            .. counts.Index().Where(c => c.Item > 0).Select(c => new FillingPart(
                c.Index, c.Item, new AdviceSeat(
                    types[c.Index]!, sharing, FindType(groups[c.Index], _ => true)!.FramebufferMiB,
                    !groups[c.Index].Needs.Guarantee || types[c.Index]!.IsWhole ? AdviceSeat.All
                    : isFixed ? AdviceSeat.Nearly : AdviceSeat.Placed))),
        ];
        var preferred = parts.Sum(p => p.Count * Weigh(groups[p.Group].Needs, p.Seat.Type, isFixed));
        var own = parts is [{ Count: 1, Seat.Type.IsWhole: true }]
            ? AllMultiprocessors : 0;
        Keep(new Filling(
            counts, false, parts,
            Score(parts, preferred, counts.Sum() * (sharing - 1), own, isMig: false, isMixed))
        { HasFixedShares = isFixed, HasMixedSizes = isMixed });
    }

    private static int Weigh(Tenant tenant, AdviceType type, bool isFixed) =>
        type.IsWhole ? Math.Max(AdviceRules.WeighTimeSlices(tenant), AdviceRules.WeighInstance(tenant))
        : tenant.Burst && isFixed ? 0 : AdviceRules.WeighTimeSlices(tenant);
}
