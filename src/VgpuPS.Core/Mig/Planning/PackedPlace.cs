namespace VgpuPS.Core.Mig.Planning;

/// <summary>Where a packed instance goes.</summary>
/// <param name="Gpu">Index of the GPU.</param>
/// <param name="Window">Where on it.</param>
public readonly record struct PackedPlace(int Gpu, Placement Window);
