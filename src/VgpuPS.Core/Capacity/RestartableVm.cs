namespace VgpuPS.Core.Capacity;

/// <summary>A running VM that may be stopped and started again.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Requests">What it requests at its next start, ascending entry.</param>
/// <param name="Vgpus">What it has now.</param>
public sealed record RestartableVm(
    VmId Vm, IReadOnlyList<VmVgpuRequest> Requests, IReadOnlyList<RestartableVgpu> Vgpus);

/// <summary>A vGPU of a running VM, and where it is.</summary>
/// <param name="Gpu">Its GPU.</param>
/// <param name="Function">Its function.</param>
/// <param name="Type">Its type.</param>
/// <param name="Active">What the driver says of it.</param>
public sealed record RestartableVgpu(PciAddress Gpu, PciAddress Function, VgpuType Type, ActiveVgpu Active)
{
    /// <summary>Which instances with room can take it: those of its profile, with vGPUs of its size.</summary>
    /// <remarks>Source: facts/host-behaviour.md 1.5 (8).</remarks>
    public string SeatClass => string.Create(CultureInfo.InvariantCulture, $"{Type.Profile}/{Type.FramebufferMiB}");
}
