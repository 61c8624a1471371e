using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Performance;

/// <summary>What two sides differ in beside their sharing, in words: their figures may differ for that.</summary>
internal static class SideDifferences
{
    /// <summary>What they differ in; empty where nothing is known, or a side has no results.</summary>
    public static IReadOnlyList<string> Find(SharingSide one, SharingSide other)
    {
        List<string> found = [.. Several(one), .. Several(other)];
        if (one.Results.Count == 0 || other.Results.Count == 0)
        {
            return found;
        }

        string[] where =
        [
            .. Differ(r => r.VgpuHost) ? ["hosts"] : Array.Empty<string>(),
            .. Differ(r => r.Model) ? ["boards"] : Array.Empty<string>(),
            .. Differ(r => r.GpuUuid) ? ["GPUs"] : Array.Empty<string>(),
        ];
        if (where.Length > 0)
        {
            found.Add($"the results are of different {string.Join(", ", where)}: reference {Gpus(one)}, difference "
                + Gpus(other));
        }

        (string What, Func<VgpuPerformanceInfo, string?> Member)[] members =
        [
            ("tools", r => r.Tool),
            ("numbers of vGPUs on the GPU", r => SharingSide.Number(r.VgpuCount)),
            ("numbers of vGPUs at work at once", r => r.Mode == nameof(LoadMode.Loaded)
                ? SharingSide.Number(r.WorkingCount) : null),
            ("drivers on the host", r => r.Conditions.HostDriver),
            ("drivers in the guests", r => r.Conditions.GuestDriver),
            ("settings of ECC", r => r.Conditions.Ecc is { } ecc ? ecc ? "on" : "off" : null),
        ];
        found.AddRange(members.Where(m => Differ(m.Member)).Select(m =>
            $"the results are of different {m.What}: reference {Texts(one, m.Member)}, difference "
                + Texts(other, m.Member)));
        return found;

        bool Differ(Func<VgpuPerformanceInfo, string?> member) =>
            one.Distinct(member) is { Count: > 0 } left && other.Distinct(member) is { Count: > 0 } right
            && !left.SequenceEqual(right);
    }

    /// <summary>Workloads and modes that only one of them has.</summary>
    public static IEnumerable<string> FindMissing(SharingSide one, SharingSide other)
    {
        foreach (var (side, without) in new[] { (one, other), (other, one) })
        {
            var only = side.Results.Where(r => without.Find(r.Workload, r.Mode) is null)
                .Select(r => $"{r.Workload} {r.Mode}").Distinct().ToList();
            if (only.Count > 0 && without.Results.Count > 0)
            {
                yield return $"only the {side.Name} has results of {string.Join(", ", only)}";
            }
        }
    }

    /// <summary>What is of several GPUs or types within a side has means that may be no vGPU's.</summary>
    private static IEnumerable<string> Several(SharingSide side)
    {
        if (side.Distinct(r => r.GpuUuid).Count > 1)
        {
            yield return $"the {side.Name} has results of several GPUs, {Gpus(side)}: its values are means over "
                + "them, and sums are of one GPU";
        }

        if (side.Distinct(r => r.VgpuType) is { Count: > 1 } types)
        {
            yield return $"the {side.Name} has vGPUs of several types, {string.Join(", ", types)}: its values are "
                + "means over them";
        }
    }

    private static string Gpus(SharingSide side) => string.Join(", ", side.Distinct(
        r => $"{r.GpuAddress} ({r.Model}) of {r.VgpuHost}"));

    private static string Texts(SharingSide side, Func<VgpuPerformanceInfo, string?> member) =>
        string.Join(" and ", side.Distinct(member));
}
