using VgpuPS.Core.Errors;

namespace VgpuPS.Core.UseCases.BootHost;

/// <summary>What could not be done at boot.</summary>
/// <param name="Gpu">The GPU; null for the host as a whole.</param>
/// <param name="Error">Why.</param>
public sealed record BootFailure(string? Gpu, VgpuException Error);
