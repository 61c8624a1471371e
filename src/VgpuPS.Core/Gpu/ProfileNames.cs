namespace VgpuPS.Core.Gpu;

/// <summary>Profiles by the names that users and the driver give them.</summary>
public static class ProfileNames
{
    private const string Prefix = "MIG ";

    // Names that were built differ from the driver's by rounding; profiles of equal slices differ by a factor of two.
    private const double Tolerance = 0.25;

    /// <summary>
    /// A profile by name, with or without the driver's prefix, in any case. Where the names were built from figures,
    /// since the driver reports none with MIG mode off, the one whose memory is nearest is meant, other parts of the
    /// name being equal.
    /// </summary>
    /// <param name="profiles">The GPU's profiles.</param>
    /// <param name="text">A name, such as <c>2g.12gb</c>.</param>
    /// <returns>The profile; null when there is none.</returns>
    /// <remarks>
    /// Source: facts/mig-profiles.json: the names of a GB200 (1g.23gb, 3g.95gb) follow from no one size of its memory.
    /// </remarks>
    public static GpuInstanceProfile? Find(IEnumerable<GpuInstanceProfile> profiles, string text)
    {
        var name = text.Trim();
        name = name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? name[Prefix.Length..] : name;
        var all = profiles.ToList();
        return all.Find(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? (Split(name) is var (kind, memory) ? FindNearest(all, kind, memory) : null);
    }

    /// <summary>Whether a GPU that reports no profiles may have one of that name, by the vGPU types for it:
    /// <c>A30-2-12C</c> is for a <c>2g.12gb</c>. A name of another form, and types that need no profile, rule nothing
    /// out.</summary>
    internal static bool MayBeOf(IEnumerable<VgpuType> types, string text)
    {
        const int MiBPerGiB = 1024;
        const double Rounding = 0.1;
        var backed = types.Where(t => t.IsMigBacked).ToList();
        return backed.Count == 0 || Split(text.Trim()) is not var (kind, memory) || backed.Exists(
            t => t.ShortName.Contains($"-{kind.Split('g')[0]}-", StringComparison.Ordinal)
                && Math.Abs(t.FramebufferMiB - (memory * MiBPerGiB)) <= memory * MiBPerGiB * Rounding);
    }

    private static GpuInstanceProfile? FindNearest(List<GpuInstanceProfile> profiles, string kind, int memory) =>
        profiles
        .Where(p => p.IsNameBuilt).Select(p => (Profile: p, Parts: Split(p.Name)))
        .Where(p => p.Parts?.Kind == kind)
        .Select(p => (p.Profile, Distance: Math.Abs(p.Parts!.Value.Memory - memory) / (double)memory))
        .Where(p => p.Distance <= Tolerance).OrderBy(p => p.Distance).Select(p => p.Profile).FirstOrDefault();

    /// <summary><c>1g.10gb+me</c> as <c>1g+me</c> and 10; null for what is no such name.</summary>
    private static (string Kind, int Memory)? Split(string name)
    {
        var lower = name.ToLowerInvariant();
        var dot = lower.IndexOf('.', StringComparison.Ordinal);
        var unit = lower.IndexOf("gb", StringComparison.Ordinal);
        return dot > 0 && unit > dot && int.TryParse(
            lower.AsSpan(dot + 1, unit - dot - 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out var memory) && memory > 0
            ? (lower[..dot] + lower[(unit + 2)..], memory)
            : null;
    }
}
