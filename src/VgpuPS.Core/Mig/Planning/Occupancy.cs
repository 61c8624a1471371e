namespace VgpuPS.Core.Mig.Planning;

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
}
