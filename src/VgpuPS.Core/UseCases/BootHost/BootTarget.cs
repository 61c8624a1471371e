using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.UseCases.BootHost;

/// <summary>A GPU with what the layout says of it.</summary>
/// <param name="Name">Its address, or the layout's name for a GPU that is not there.</param>
/// <param name="Address">Its address; null where there is none.</param>
/// <param name="Layout">What should be on it; null where that cannot be told.</param>
/// <param name="Problem">Why nothing can be done to it; null where something can.</param>
internal sealed record BootTarget(string Name, PciAddress? Address, GpuLayout? Layout, VgpuException? Problem);
