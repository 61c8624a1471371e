using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>Library, enumeration, identity.</summary>
/// <remarks>Source: facts/nvml.md 3.1.</remarks>
internal static unsafe class LibraryExports
{
    [UnmanagedCallersOnly(EntryPoint = "nvmlInit_v2")]
    private static NvmlStatus Init() => StandIn.Init();

    [UnmanagedCallersOnly(EntryPoint = "nvmlShutdown")]
    private static NvmlStatus Shutdown() => StandIn.Shutdown();

    [UnmanagedCallersOnly(EntryPoint = "nvmlSystemGetDriverVersion")]
    private static NvmlStatus DriverVersion(byte* version, uint length) => StandIn.Call(
        nvml => Buffers.Put(nvml.SystemGetDriverVersion(out var text), text, version, length));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetHandleByPciBusId_v2")]
    private static NvmlStatus ByBusId(byte* busId, nint* device)
    {
        var text = Marshal.PtrToStringUTF8((nint)busId) ?? "";
        return StandIn.Attach(nvml =>
        {
            var status = nvml.DeviceGetHandleByPciBusId(text, out var found);
            *device = found.Value;
            return (status, IndexOf(found));
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetUUID")]
    private static NvmlStatus Uuid(nint device, byte* uuid, uint length) => StandIn.Call(
        nvml => Buffers.Put(nvml.DeviceGetUuid(new NvmlDevice(device), out var text), text, uuid, length));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetName")]
    private static NvmlStatus Name(nint device, byte* name, uint length) => StandIn.Call(
        nvml => Buffers.Put(nvml.DeviceGetName(new NvmlDevice(device), out var text), text, name, length));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetMemoryInfo")]
    private static NvmlStatus Memory(nint device, nvmlMemory_t* memory) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetMemoryInfo(new NvmlDevice(device), out var found);
        *memory = new nvmlMemory_t { total = found.Total, free = found.Free, used = found.Used };
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetComputeRunningProcesses_v3")]
    private static NvmlStatus Processes(nint device, uint* count, nvmlProcessInfo_t* infos) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetComputeRunningProcesses(new NvmlDevice(device), out var found);
        return Buffers.PutCounted(
            status, [.. found.Select(process => new nvmlProcessInfo_t { pid = process })], count, infos);
    });

    // The simulated handles hold the index, from 1, in their low byte.
    private static int IndexOf(NvmlDevice device) => (int)(device.Value & 0xFF) - 1;
}
