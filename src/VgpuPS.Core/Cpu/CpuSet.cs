using System.Collections;
using System.Text;

namespace VgpuPS.Core.Cpu;

/// <summary>Logical CPUs of a host by number, ascending, each once.</summary>
public sealed class CpuSet : IReadOnlyCollection<int>, IEquatable<CpuSet>
{
    /// <summary>Highest number that is read; the kernel's own limit is far below.</summary>
    /// <remarks>Source: NR_CPUS of Debian's and Proxmox's kernels is 8192 (assumed).</remarks>
    public const int Highest = 65535;

    private readonly int[] _cpus;

    private CpuSet(int[] cpus) => _cpus = cpus;

    /// <summary>No CPU.</summary>
    public static CpuSet Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _cpus.Length;

    /// <summary>The set of some numbers, in any order.</summary>
    public static CpuSet Of(IEnumerable<int> cpus) => new([.. cpus.Distinct().Order()]);

    /// <summary>
    /// Reads a list as Proxmox and the kernel write it: <c>0-5,48-53</c>, blanks around a part, no strides.
    /// </summary>
    /// <returns>The set; null where the text is none, such as a descending range.</returns>
    /// <remarks>Source: facts/numa.md C1 (pve_verify_cpuset) and C14.</remarks>
    public static CpuSet? TryParse(string text)
    {
        var cpus = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Trim().Split('-');
            if (ends.Length > 2 || Number(ends[0]) is not { } first || Number(ends[^1]) is not { } last
                || first > last)
            {
                return null;
            }

            cpus.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return new CpuSet([.. cpus]);
    }

    /// <summary>All that is in any of some sets.</summary>
    public static CpuSet UnionOf(IEnumerable<CpuSet> sets) => Of(sets.SelectMany(s => s));

    /// <summary>Whether a number is in it.</summary>
    public bool Contains(int cpu) => Array.BinarySearch(_cpus, cpu) >= 0;

    /// <summary>Those that are in this one and in the other.</summary>
    public CpuSet Intersect(CpuSet other) => new([.. _cpus.Where(other.Contains)]);

    /// <summary>Those that are in one of both.</summary>
    public CpuSet Union(CpuSet other) => Of(_cpus.Concat(other._cpus));

    /// <summary>Those that are in this one and not in the other.</summary>
    public CpuSet Except(CpuSet other) => new([.. _cpus.Where(c => !other.Contains(c))]);

    /// <summary>Whether all of it is in the other.</summary>
    public bool IsSubsetOf(CpuSet other) => _cpus.All(other.Contains);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_cpus).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => _cpus.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(CpuSet? other) => other is not null && _cpus.AsSpan().SequenceEqual(other._cpus);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _cpus.Aggregate(_cpus.Length, HashCode.Combine);

    /// <summary>The list without blanks: <c>0-5,48-53</c>.</summary>
    /// <remarks>Source: facts/numa.md C1: with blanks Proxmox takes it and taskset refuses it at the start.</remarks>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var at = 0; at < _cpus.Length;)
        {
            var last = at;
            while (last + 1 < _cpus.Length && _cpus[last + 1] == _cpus[last] + 1)
            {
                last++;
            }

            text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{_cpus[at]}");
            if (last > at)
            {
                text.Append(CultureInfo.InvariantCulture, $"-{_cpus[last]}");
            }

            at = last + 1;
        }

        return text.ToString();
    }

    private static int? Number(string text) =>
        text.Length is > 0 and <= 6
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number <= Highest ? number : null;
}
