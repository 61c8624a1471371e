using VgpuPS.Core.Advice;
using Xunit;

namespace VgpuPS.Tests.Advising;

/// <summary>The search against all distributions of a few VMs on one and two A30, tried one by one with rules of its
/// own.</summary>
[Trait("Duration", "Long")]
public sealed class AdviceSearchTests
{
    private static readonly (long MiB, int Most)[] s_sliced =
        [(4096, 6), (6144, 4), (8192, 3), (12_288, 2), (24_576, 1)];

    private static readonly (long MiB, int Slices)[] s_instances = [(6144, 1), (12_288, 2), (24_576, 4)];

    [Theory]
    [InlineData(1, 25)]
    [InlineData(2, 12)]
    public void Nothing_better_is_missed(int gpus, int sets)
    {
        var random = new Random(21 + gpus);
        var host = AdviceLab.Read([.. Enumerable.Repeat("A30", gpus)]);
        var served = 0;
        for (var set = 0; set < sets; set++)
        {
            var tenants = Draw(random, gpus == 1 ? 5 : 4);
            var search = new AdviceSearch(
                SeatGroup.Of(tenants, new Dictionary<int, string>(), new HashSet<int>()), host.Gpus);
            Assert.True(search.IsExact);
            var found = search.Find();
            var best = BruteForce(tenants, gpus);
            served += found.Count > 0 ? 1 : 0;
            Assert.True(
                best.CompareTo(found.Count > 0 ? found[0].Score : default) == 0,
                $"{string.Join("; ", tenants)}: {best} against {found.FirstOrDefault()?.Score}");
        }

        Assert.True(served > sets / 2);
    }

    [Theory]
    [InlineData("RTX-PRO-6000", 11)]
    [InlineData("RTX-PRO-6000", 100)]
    public void A_search_that_leaves_combinations_aside_is_not_called_exact(string model, int tenants)
    {
        // Each tenant may have an instance for itself or share one: 2 to the power of their number.
        var search = new AdviceSearch(
            SeatGroup.Of(
                Enumerable.Range(0, tenants).Select(i =>
                    new Tenant { Name = $"t{i}", MemoryMiB = 1024 + (i * 64) }),
                new Dictionary<int, string>(), new HashSet<int>()),
            AdviceLab.Read(model).Gpus);
        Assert.False(search.IsExact);
        Assert.True(search.Find()[0].Gpus[0].Filling.Total >= 11);
    }

    [Theory]
    [InlineData("A30", 32)]
    [InlineData("L40S", 64)]
    public void Many_tenants_that_all_differ_fill_the_GPUs(string model, int least)
    {
        var tenants = Enumerable.Range(0, 100).Select(i => new Tenant
        {
            Name = $"t{i}",
            MemoryMiB = 2048 + (i * 16),
            Kernels = (KernelSize)(i % 3),
        });
        var search = new AdviceSearch(
            SeatGroup.Of(tenants, new Dictionary<int, string>(), new HashSet<int>()),
            AdviceLab.Read([.. Enumerable.Repeat(model, 8)]).Gpus);
        Assert.False(search.IsExact);
        Assert.True(search.Find()[0].Gpus.Sum(g => g.Filling.Total) >= least);
    }

    private static List<Tenant> Draw(Random random, int most)
    {
        var tenants = new List<Tenant>();
        for (var left = most; left > 0;)
        {
            var count = random.Next(1, Math.Min(left, 3) + 1);
            left -= count;
            long[] sizes = [4096, 6144, 8192, 12_288, 24_576];
            tenants.Add(new Tenant
            {
                Name = $"t{tenants.Count}",
                Count = count,
                MemoryMiB = sizes[random.Next(random.Next(2) == 0 ? 2 : 5)],
                Guarantee = random.Next(3) == 0,
                Burst = random.Next(3) == 0,
                UnifiedMemory = random.Next(6) == 0,
                AllMultiprocessors = random.Next(6) == 0,
                Kernels = (KernelSize)random.Next(3),
            });
        }

        return tenants;
    }

    private static AdviceScore BruteForce(List<Tenant> tenants, int gpus)
    {
        var seats = tenants.SelectMany(t => Enumerable.Repeat(t, t.Count)).ToList();
        var best = default(AdviceScore);
        var choice = new int[seats.Count];
        var options = 1 + (gpus * (s_sliced.Length + s_instances.Length));
        while (true)
        {
            if (Judge(seats, choice, gpus) is { } score && score.CompareTo(best) > 0)
            {
                best = score;
            }

            var at = 0;
            while (at < choice.Length && ++choice[at] == options)
            {
                choice[at++] = 0;
            }

            if (at == choice.Length)
            {
                return best;
            }
        }
    }

    private static AdviceScore? Judge(List<Tenant> seats, int[] choice, int gpus)
    {
        var sum = default(AdviceScore);
        for (var gpu = 0; gpu < gpus; gpu++)
        {
            var kinds = s_sliced.Length + s_instances.Length;
            var own = seats.Zip(choice).Where(s => s.Second > 0 && (s.Second - 1) / kinds == gpu)
                .Select(s => (Tenant: s.First, Kind: (s.Second - 1) % kinds)).ToList();
            if (own.Count == 0)
            {
                continue;
            }

            var isMig = own[0].Kind >= s_sliced.Length;
            if (own.Exists(o => (o.Kind >= s_sliced.Length) != isMig))
            {
                return null;
            }

            if ((isMig ? JudgeMig([.. own.Select(o => (o.Tenant, s_instances[o.Kind - s_sliced.Length]))])
                : JudgeSliced([.. own.Select(o => (o.Tenant, s_sliced[o.Kind]))])) is not { } score)
            {
                return null;
            }

            sum += score;
        }

        return sum;
    }

    private static AdviceScore? JudgeSliced(List<(Tenant Tenant, (long MiB, int Most) Type)> own)
    {
        var (one, mixed) = (JudgeOneSize(own), JudgeMixed(own));
        return one is null || mixed is null ? one ?? mixed : one.Value.CompareTo(mixed.Value) > 0 ? one : mixed;
    }

    /// <summary>With mixed sizes a type takes the next half or quarter of the GPU, and there are no fixed
    /// shares.</summary>
    private static AdviceScore? JudgeMixed(List<(Tenant Tenant, (long MiB, int Most) Type)> own)
    {
        if (own.Sum(o => o.Type.MiB > 12_288 ? 4 : o.Type.MiB > 6144 ? 2 : 1) > 4
            || own.Exists(o => o.Tenant.MemoryMiB > o.Type.MiB || (o.Tenant.UnifiedMemory && o.Type.Most > 1)))
        {
            return null;
        }

        return new AdviceScore(
            own.Sum(o => o.Tenant.Guarantee && o.Type.Most > 1 ? 0 : 2), own.Count,
            own.Sum(o => o.Type.Most == 1 ? Math.Max(Sliced(o.Tenant), Instance(o.Tenant)) : Sliced(o.Tenant)),
            0, -(own.Count * (own.Count - 1)), -1, -1, -own.Sum(o => o.Type.MiB), own[0].Type.Most == 1 ? 56 : 0,
            -Kinds(own.Select(o => o.Tenant)), -1);
    }

    private static AdviceScore? JudgeOneSize(List<(Tenant Tenant, (long MiB, int Most) Type)> own)
    {
        var (size, most) = own[0].Type;
        if (own.Count > most || own.Exists(o => o.Type.MiB != size || o.Tenant.MemoryMiB > size
            || (o.Tenant.UnifiedMemory && most > 1)))
        {
            return null;
        }

        var isFixed = most > 1 && own.Exists(o => o.Tenant.Guarantee);
        return new AdviceScore(
            own.Sum(o => o.Tenant.Guarantee && most > 1 ? 1 : 2), own.Count,
            own.Sum(o => most == 1 ? Math.Max(Sliced(o.Tenant), Instance(o.Tenant))
                : o.Tenant.Burst && isFixed ? 0 : Sliced(o.Tenant)),
            0, -(own.Count * (own.Count - 1)), 0, -1, -own.Count * size, most == 1 ? 56 : 0,
            -Kinds(own.Select(o => o.Tenant)), 0);
    }

    private static AdviceScore? JudgeMig(List<(Tenant Tenant, (long MiB, int Slices) Profile)> own)
    {
        // Halves first, then quarters: on an A30 they fit whenever there are slices enough.
        if (own.Sum(o => o.Profile.Slices) > 4 || own.Exists(o => o.Tenant.MemoryMiB > o.Profile.MiB
            || (o.Tenant.AllMultiprocessors && o.Profile.Slices < 4)))
        {
            return null;
        }

        return new AdviceScore(
            2 * own.Count, own.Count,
            own.Sum(o => o.Profile.Slices == 4 ? Math.Max(Sliced(o.Tenant), Instance(o.Tenant)) : Instance(o.Tenant)),
            0, 0, 0, -1, -own.Sum(o => o.Profile.MiB), own.Sum(o => 14 * o.Profile.Slices),
            -Kinds(own.Select(o => o.Tenant)), -1);
    }

    private static int Kinds(IEnumerable<Tenant> tenants) => tenants.Select(t => (
        t.MemoryMiB, t.Guarantee, t.Burst, t.UnifiedMemory, t.AllMultiprocessors, t.Kernels)).Distinct().Count();

    private static int Sliced(Tenant tenant) => tenant.Burst ? 2 : tenant.AllMultiprocessors ? 1 : 0;

    private static int Instance(Tenant tenant) =>
        Sliced(tenant) > 0 ? 0 : tenant.Kernels == KernelSize.Small ? 2 : 1;
}
