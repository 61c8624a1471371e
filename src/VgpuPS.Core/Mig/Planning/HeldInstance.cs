namespace VgpuPS.Core.Mig.Planning;

/// <summary>An instance that goes when those who use it stop.</summary>
/// <param name="Gpu">Index of its GPU.</param>
/// <param name="Window">Where it sits.</param>
/// <param name="TakesMedia">Whether it has the media engines.</param>
/// <param name="Holders">All who use it; never empty.</param>
/// <param name="Again">What its holders need when they start again.</param>
public sealed record HeldInstance(
    int Gpu, Placement Window, bool TakesMedia, IReadOnlyList<int> Holders, PackItem Again);
