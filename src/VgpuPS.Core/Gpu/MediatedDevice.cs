namespace VgpuPS.Core.Gpu;

/// <summary>A mediated device that exists.</summary>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Type">Its type; null when it is none of NVIDIA's.</param>
/// <param name="Parent">The function it hangs on.</param>
public sealed record MediatedDevice(MdevUuid Uuid, VgpuTypeId? Type, PciAddress Parent);
