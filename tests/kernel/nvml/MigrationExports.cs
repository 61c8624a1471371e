using System.Runtime.InteropServices;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>What the driver says about migrations.</summary>
/// <remarks>Source: facts/nvml.md 3.5 and 4; facts/cluster.md D10, D11.</remarks>
internal static unsafe class MigrationExports
{
    private const int OpaqueSizeOfVgpu = 204;
    private const int OpaqueSizeOfGpu = 120;

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetEccMode")]
    private static NvmlStatus Ecc(nint device, uint* current, uint* pending) => StandIn.Call(
        nvml => nvml.DeviceGetEccMode(new NvmlDevice(device), out *current, out *pending));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetMetadata")]
    private static NvmlStatus OfVgpu(uint vgpu, byte* metadata, uint* size) => StandIn.Call(
        nvml => Put(nvml.VgpuInstanceGetMetadata(vgpu, out var found), found, metadata, size));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuMetadata")]
    private static NvmlStatus OfGpu(nint device, byte* metadata, uint* size) => StandIn.Call(
        nvml => Put(nvml.DeviceGetVgpuMetadata(new NvmlDevice(device), out var found), found, metadata, size));

    [UnmanagedCallersOnly(EntryPoint = "nvmlGetVgpuCompatibility")]
    private static NvmlStatus Compare(byte* vgpu, byte* gpu, uint* answer) => StandIn.Call(nvml =>
        nvml.GetVgpuCompatibility(
            Get(vgpu, OpaqueSizeOfVgpu), Get(gpu, OpaqueSizeOfGpu), out answer[0], out answer[1]));

    [UnmanagedCallersOnly(EntryPoint = "nvmlGetVgpuVersion")]
    private static NvmlStatus Versions(uint* supported, uint* current) => StandIn.Call(nvml =>
    {
        var status = nvml.GetVgpuVersion(out var known, out var taken);
        (supported[0], supported[1], current[0], current[1]) = (known.Min, known.Max, taken.Min, taken.Max);
        return status;
    });

    private static NvmlStatus Put(NvmlStatus status, byte[] found, byte* metadata, uint* size)
    {
        if (status != NvmlStatus.Success)
        {
            return status;
        }

        var fits = metadata is not null && *size >= found.Length;
        *size = (uint)found.Length;
        if (fits)
        {
            found.CopyTo(new Span<byte>(metadata, found.Length));
        }

        return fits ? NvmlStatus.Success : NvmlStatus.InsufficientSize;
    }

    private static byte[] Get(byte* metadata, int opaqueSizeAt) =>
        new ReadOnlySpan<byte>(metadata, opaqueSizeAt + 4 + *(int*)(metadata + opaqueSizeAt)).ToArray();
}
