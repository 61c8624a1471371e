namespace VgpuPS.Core.Mig;

/// <summary>MIG mode now, and after the next reset.</summary>
/// <param name="Current">Whether MIG mode is on.</param>
/// <param name="Pending">Whether it will be on after the next GPU reset.</param>
/// <remarks>Source: nvml.h, nvmlDeviceGetMigMode. A GPU without MIG has no such state (null where this is nullable).</remarks>
public sealed record MigMode(bool Current, bool Pending);
