namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A function that can carry a vGPU.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Index">N of the GPU's link <c>virtfnN</c>; 0 for the GPU itself.</param>
/// <param name="Driver">Name of the bound driver; null when none is.</param>
/// <param name="IommuGroup">IOMMU group; null when it has none.</param>
/// <param name="CurrentType">Number of the vGPU type on it, set or as a mediated device; null for a free one.</param>
public sealed record FunctionReport(string Address, int Index, string? Driver, int? IommuGroup, uint? CurrentType);
