using VgpuPS.Core.Planning;

namespace VgpuPS.Core.Advice;

internal sealed partial class FillingFinder
{
    private readonly Dictionary<string, bool> _packs = new(StringComparer.Ordinal);
    private IReadOnlyList<ProfileShape> _shapes = [];

    private void FindMigBacked()
    {
        _shapes = [.. gpu.Profiles.Select(p => new ProfileShape(p.Name, p.Windows, p.TakesMedia))];
        var options = groups.Select((g, i) => values[i] is [0] ? [] : FindOptions(g)).ToList();
        foreach (var choice in isExact ? Choices(options, 0, []) : AlikeChoices(options))
        {
            if (!Look())
            {
                return;
            }

            foreach (var counts in Combine(
                (i, _) => choice[i] is not null, counts => counts.Sum() <= Limit && Packs(Instances(counts, choice))))
            {
                KeepMigBacked(counts, choice);
            }
        }
    }

    /// <summary>Types of GPU instances that serve a group, of the fewest memory slices.</summary>
    /// <remarks>A guarantee takes the whole instance: a type of which several fit would let others in.</remarks>
    private IReadOnlyList<MigOption> FindOptions(SeatGroup group)
    {
        if (!IsHere(group))
        {
            return [];
        }

        var needs = group.Needs;
        var fitting = gpu.Types.Where(t => t.Profile is not null)
            .Select(t => new MigOption(t, gpu.FindProfile(t.Profile)!))
            .Where(o => o.Type.FramebufferMiB >= needs.MemoryMiB)
            .Where(o => needs.Encoder ? !o.Type.IsCompute && o.Profile.Encoders > 0 : !o.Profile.TakesMedia)
            .Where(o => !needs.Guarantee || o.Type.MaxPerInstance == 1)
            .Where(o => !needs.AllMultiprocessors || HasAll(o.Profile)).ToList();
        var size = fitting.Select(o => o.Profile.Windows[0].Size).DefaultIfEmpty(0).Min();
        return
        [
            .. fitting.Where(o => o.Profile.Windows[0].Size == size)
                .GroupBy(o => (o.Profile.Name, IsAlone: o.Type.MaxPerInstance == 1))
                .Select(g => g.MinBy(o => (!o.Type.IsCompute, o.Profile.TakesMedia, o.Type.FramebufferMiB))!),
        ];
    }

    private int AllMultiprocessors => gpu.Profiles.Select(p => p.Multiprocessors)
        .Append(gpu.Peak?.Multiprocessors ?? 0).Max();

    private bool HasAll(AdviceProfile profile) =>
        gpu.Peak is not null && profile.Multiprocessors >= AllMultiprocessors;

    private int Weigh(Tenant tenant, AdviceProfile profile) => HasAll(profile)
        ? Math.Max(AdviceRules.WeighTimeSlices(tenant), AdviceRules.WeighInstance(tenant))
        : AdviceRules.WeighInstance(tenant);

    /// <summary>One option, or none, for each group.</summary>
    private static IEnumerable<MigOption?[]> Choices(
        List<IReadOnlyList<MigOption>> options, int at, MigOption?[] before)
    {
        if (at == options.Count)
        {
            return [before];
        }

        var own = options[at].Cast<MigOption?>().DefaultIfEmpty(null);
        return own.SelectMany(o => Choices(options, at + 1, [.. before, o]));
    }

    /// <summary>The first option of all, the second of all where they have one.</summary>
    private static IEnumerable<MigOption?[]> AlikeChoices(List<IReadOnlyList<MigOption>> options) =>
        Enumerable.Range(0, Math.Max(1, options.Max(o => o.Count))).Select(n =>
            options.Select(o => o.Count == 0 ? null : o[Math.Min(n, o.Count - 1)]).ToArray());

    /// <summary>GPU instances that counts of vGPUs need, the largest first.</summary>
    private static List<AdviceProfile> Instances(int[] counts, MigOption?[] choice) =>
    [
        .. Shares(counts, choice).SelectMany(s => Enumerable.Repeat(s.Profile, s.Sizes.Count))
            .OrderByDescending(p => p.Windows[0].Size).ThenByDescending(p => p.Multiprocessors)
            .ThenBy(p => p.Name, StringComparer.Ordinal),
    ];

    /// <summary>vGPUs on each new instance: one size on one, as evenly as can be.</summary>
    private static IEnumerable<(AdviceProfile Profile, long Size, IReadOnlyList<int> Sizes)> Shares(
        int[] counts, MigOption?[] choice) =>
        counts.Index().Where(c => c.Item > 0).Select(c => (Option: choice[c.Index]!, c.Item))
            .GroupBy(c => (c.Option.Profile, c.Option.Type.FramebufferMiB, c.Option.Type.MaxPerInstance))
            .Select(g =>
            {
                var total = g.Sum(c => c.Item);
                var instances = (total + g.Key.MaxPerInstance - 1) / g.Key.MaxPerInstance;
                IReadOnlyList<int> sizes =
                [
                    .. Enumerable.Range(0, instances)
                        .Select(i => (total / instances) + (i < total % instances ? 1 : 0)),
                ];
                return (g.Key.Profile, g.Key.FramebufferMiB, sizes);
            });

    private bool Packs(List<AdviceProfile> instances)
    {
        var key = string.Join(',', instances.Select(i => i.Name));
        if (!_packs.TryGetValue(key, out var packs))
        {
            var kept = gpu.Instances.Aggregate(
                new Occupancy(0, false), (o, i) => new Occupancy(
                    o.Mask | i.Placement.Mask, o.MediaTaken || gpu.FindProfile(i.Profile)?.TakesMedia == true));
            packs = _packs[key] = InstancePacking.Find(
                [new PackGpu(_shapes, kept)], [.. instances.Select(i => new PackItem(i.Name, [0]))]) is not null;
        }

        return packs;
    }

    private void KeepMigBacked(int[] counts, MigOption?[] choice)
    {
        var shares = Shares(counts, choice).ToList();
        List<FillingPart> parts =
        [
            .. counts.Index().Where(c => c.Item > 0).Select(c => new FillingPart(
                c.Index, c.Item, new AdviceSeat(
                    choice[c.Index]!.Type, SharingOf(choice[c.Index]!), choice[c.Index]!.Type.FramebufferMiB,
                    AdviceSeat.All))),
        ];
        var preferred = parts.Sum(p => p.Count * Weigh(groups[p.Group].Needs, choice[p.Group]!.Profile));
        Keep(new Filling(
            counts, true, parts,
            Score(
                parts, preferred, shares.SelectMany(s => s.Sizes).Sum(n => n * (n - 1)),
                shares.Sum(s => s.Sizes.Count * s.Profile.Multiprocessors), isMig: true, isMixed: false))
        { NewInstances = Instances(counts, choice) });

        int SharingOf(MigOption option) => shares.First(s =>
            s.Profile == option.Profile && s.Size == option.Type.FramebufferMiB).Sizes[0];
    }

    private sealed record MigOption(AdviceType Type, AdviceProfile Profile);
}
