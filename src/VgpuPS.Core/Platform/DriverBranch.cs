namespace VgpuPS.Core.Platform;

/// <summary>Releases of the vGPU host driver that were reported on the same kernels.</summary>
/// <param name="Vgpu">NVIDIA's number of the vGPU software.</param>
/// <param name="Major">First number of the driver's version.</param>
/// <param name="FirstMinor">Least second number.</param>
/// <param name="Oldest">Oldest kernel reported.</param>
/// <param name="Newest">Newest kernel reported.</param>
public sealed record DriverBranch(string Vgpu, int Major, int FirstMinor, KernelRelease Oldest, KernelRelease Newest)
{
    /// <summary>For people: <c>driver 580 (vGPU 19) is reported on kernels 6.8 to 6.16</c>.</summary>
    public string Text => $"driver {Major} (vGPU {Vgpu}) is reported on kernels {Oldest} to {Newest}";
}
