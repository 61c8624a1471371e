namespace VgpuPS.Core.Gpu;

/// <summary>What is taken of a GPU.</summary>
/// <param name="Mask">One bit per memory slice taken.</param>
/// <param name="MediaTaken">Whether an instance has the media engines.</param>
public readonly record struct Occupancy(uint Mask, bool MediaTaken)
{
    /// <summary>Whether an instance of the shape fits at the window.</summary>
    public bool Takes(ProfileShape shape, Placement window) =>
        (Mask & window.Mask) == 0 && !(MediaTaken && shape.TakesMedia);

    /// <summary>What is taken once an instance of the shape is at the window.</summary>
    public Occupancy With(ProfileShape shape, Placement window) =>
        new(Mask | window.Mask, MediaTaken || shape.TakesMedia);

    /// <summary>How many instances of a shape fit beside what is there, placed from the left.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="limit">How many there may be at most.</param>
    public int Count(ProfileShape shape, int limit)
    {
        var (taken, count) = (this, 0);
        foreach (var window in shape.Windows.Where(w => count < limit && taken.Takes(shape, w)))
        {
            taken = taken.With(shape, window);
            count++;
        }

        return count;
    }
}

/// <summary>A profile as the planner sees it: its windows of memory slices.</summary>
/// <param name="Name">Profile name.</param>
/// <param name="Windows">Legal placements, ascending start.</param>
/// <param name="TakesMedia">Whether it needs the media engines, which one instance of a GPU can have.</param>
public sealed record ProfileShape(string Name, IReadOnlyList<Placement> Windows, bool TakesMedia)
{
    /// <summary>Memory slices of one instance.</summary>
    public int Size => Windows[0].Size;

    /// <summary>The shapes of a GPU's profiles; those without a known placement are left out.</summary>
    public static IReadOnlyList<ProfileShape> From(IEnumerable<GpuInstanceProfile> profiles) =>
        [.. profiles.Where(p => p.Placements.Count > 0)
            .Select(p => new ProfileShape(p.Name, [.. p.Placements.Order()], p.TakesMediaEngines))];
}
