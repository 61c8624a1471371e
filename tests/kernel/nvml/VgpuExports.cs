using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>vGPU types and active vGPUs.</summary>
/// <remarks>Source: facts/nvml.md 3.5 and 4.</remarks>
internal static unsafe class VgpuExports
{
    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetSupportedVgpus")]
    private static NvmlStatus Supported(nint device, uint* count, uint* types) => StandIn.Call(nvml =>
        Buffers.PutCounted(nvml.DeviceGetSupportedVgpus(new NvmlDevice(device), out var ids), ids, count, types));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetCreatableVgpus")]
    private static NvmlStatus Creatable(nint device, uint* count, uint* types) => StandIn.Call(nvml =>
        Buffers.PutCounted(nvml.DeviceGetCreatableVgpus(new NvmlDevice(device), out var ids), ids, count, types));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetActiveVgpus")]
    private static NvmlStatus Active(nint device, uint* count, uint* instances) => StandIn.Call(nvml =>
        Buffers.PutCounted(nvml.DeviceGetActiveVgpus(new NvmlDevice(device), out var ids), ids, count, instances));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetName")]
    private static NvmlStatus TypeName(uint type, byte* name, uint* size) => StandIn.Call(
        nvml => Buffers.Put(nvml.VgpuTypeGetName(type, out var text), text, name, *size));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetClass")]
    private static NvmlStatus TypeClass(uint type, byte* name, uint* size) => StandIn.Call(
        nvml => Buffers.Put(nvml.VgpuTypeGetClass(type, out var text), text, name, *size));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetLicense")]
    private static NvmlStatus TypeLicense(uint type, byte* license, uint size) => StandIn.Call(
        nvml => Buffers.Put(nvml.VgpuTypeGetLicense(type, out var text), text, license, size));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetGpuInstanceProfileId")]
    private static NvmlStatus TypeProfile(uint type, uint* profile) => StandIn.Call(
        nvml => nvml.VgpuTypeGetGpuInstanceProfileId(type, out *profile));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetFramebufferSize")]
    private static NvmlStatus TypeFramebuffer(uint type, ulong* bytes) => StandIn.Call(
        nvml => nvml.VgpuTypeGetFramebufferSize(type, out *bytes));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetMaxInstances")]
    private static NvmlStatus TypeMax(nint device, uint type, uint* count) => StandIn.Call(
        nvml => nvml.VgpuTypeGetMaxInstances(new NvmlDevice(device), type, out *count));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetMaxInstancesPerVm")]
    private static NvmlStatus TypeMaxPerVm(uint type, uint* count) => StandIn.Call(
        nvml => nvml.VgpuTypeGetMaxInstancesPerVm(type, out *count));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetCapabilities")]
    private static NvmlStatus TypeCapability(uint type, uint capability, uint* result) => StandIn.Call(
        nvml => nvml.VgpuTypeGetCapability(type, capability, out *result));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuTypeGetMaxInstancesPerGpuInstance")]
    private static NvmlStatus TypeMaxPerInstance(nvmlVgpuTypeMaxInstance_v1_t* info) => StandIn.Call(
        nvml => info->version == nvmlVgpuTypeMaxInstance_v1_t.VersionWord
            ? nvml.VgpuTypeGetMaxInstancesPerGpuInstance(info->vgpuTypeId, out info->maxInstancePerGI)
            : NvmlStatus.ArgumentVersionMismatch);

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetVmID")]
    private static NvmlStatus VmId(uint vgpu, byte* id, uint size, uint* kind) => StandIn.Call(nvml =>
    {
        *kind = 1; // a UUID
        return Buffers.Put(nvml.VgpuInstanceGetVmId(vgpu, out var text), text, id, size);
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetMdevUUID")]
    private static NvmlStatus MdevUuid(uint vgpu, byte* uuid, uint size) => StandIn.Call(
        nvml => Buffers.Put(nvml.VgpuInstanceGetMdevUuid(vgpu, out var text), text, uuid, size));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetType")]
    private static NvmlStatus Type(uint vgpu, uint* type) => StandIn.Call(
        nvml => nvml.VgpuInstanceGetType(vgpu, out *type));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetGpuInstanceId")]
    private static NvmlStatus Instance(uint vgpu, uint* instance) => StandIn.Call(
        nvml => nvml.VgpuInstanceGetGpuInstanceId(vgpu, out *instance));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetFbUsage")]
    private static NvmlStatus Framebuffer(uint vgpu, ulong* bytes) => StandIn.Call(
        nvml => nvml.VgpuInstanceGetFbUsage(vgpu, out *bytes));

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetLicenseInfo_v2")]
    private static NvmlStatus License(uint vgpu, nvmlVgpuLicenseInfo_t* info) => StandIn.Call(nvml =>
    {
        var status = nvml.VgpuInstanceGetLicenseInfo(vgpu, out var found);
        *info = new nvmlVgpuLicenseInfo_t { currentState = found.State, isLicensed = (byte)(found.State == 5 ? 1 : 0) };
        info->licenseExpiry.status = found.ExpiryStatus;
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetVmDriverVersion")]
    private static NvmlStatus DriverVersion(uint vgpu, byte* version, uint size) => StandIn.Call(
        nvml => Buffers.Put(nvml.VgpuInstanceGetVmDriverVersion(vgpu, out var text), text, version, size));
}
