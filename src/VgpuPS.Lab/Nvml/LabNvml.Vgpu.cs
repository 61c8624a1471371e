using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Nvml;

public sealed partial class LabNvml
{
    private const byte ValidExpiry = 2;
    private const uint MultiVgpuExclusive = 2;
    private const uint LastTypeCapability = 4;

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: static; not supported without the vGPU host driver.</remarks>
    public NvmlStatus DeviceGetSupportedVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds) => Ask(
        "nvmlDeviceGetSupportedVgpus", device, out typeIds, [],
        gpu => WithVgpus(
            () => gpu.HasTypes ? (IReadOnlyList<uint>)[.. gpu.Model.Types.Select(type => type.Id)] : [], []));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetCreatableVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds) => Ask(
        "nvmlDeviceGetCreatableVgpus", device, out typeIds, [],
        gpu => WithVgpus(() => (IReadOnlyList<uint>)[.. LabGpuRules.Creatable(gpu).Select(type => type.Id)], []));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetActiveVgpus(NvmlDevice device, out IReadOnlyList<uint> vgpuInstances) => Ask(
        "nvmlDeviceGetActiveVgpus", device, out vgpuInstances, [],
        gpu => WithVgpus(
            () => (IReadOnlyList<uint>)[.. gpu.Vgpus.Where(v => v.Holder is not null).Select(v => v.Handle)], []));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetName(uint typeId, out string name) =>
        AskType("nvmlVgpuTypeGetName", typeId, out name, "", type => (NvmlStatus.Success, type.Name));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetClass(uint typeId, out string typeClass) =>
        AskType("nvmlVgpuTypeGetClass", typeId, out typeClass, "", type => (NvmlStatus.Success, type.Class));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetGpuInstanceProfileId(uint typeId, out uint profileId) => AskType(
        "nvmlVgpuTypeGetGpuInstanceProfileId", typeId, out profileId, NoId,
        type => (NvmlStatus.Success, type.GpuInstanceProfile ?? NoId));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetFramebufferSize(uint typeId, out ulong bytes) => AskType(
        "nvmlVgpuTypeGetFramebufferSize", typeId, out bytes, 0ul,
        type => (NvmlStatus.Success, (ulong)(type.FramebufferMiB * BytesPerMiB)));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetLicense(uint typeId, out string license) =>
        AskType("nvmlVgpuTypeGetLicense", typeId, out license, "", type => (NvmlStatus.Success, type.License));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstances(NvmlDevice device, uint typeId, out uint count) => Ask(
        "nvmlVgpuTypeGetMaxInstances", device, out count, 0u,
        gpu => gpu.Model.FindType(typeId) is { } type
            ? (NvmlStatus.Success, (uint)type.MaxInstances)
            : (NvmlStatus.NotFound, 0u));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstancesPerVm(uint typeId, out uint count) => AskType(
        "nvmlVgpuTypeGetMaxInstancesPerVm", typeId, out count, 0u,
        type => (NvmlStatus.Success, LabGpuRules.MaxPerVm(
            Visible.First(gpu => gpu.Model.FindType(typeId) == type).Model, type,
            _host.State.Setup.DriverVersion)));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 2 (the numbers); that no type is exclusive by itself is assumed.</remarks>
    public NvmlStatus VgpuTypeGetCapability(uint typeId, uint capability, out uint result) => AskType(
        "nvmlVgpuTypeGetCapabilities", typeId, out result, 0u,
        type => capability > LastTypeCapability ? (NvmlStatus.InvalidArgument, 0u)
            : (NvmlStatus.Success,
                capability == MultiVgpuExclusive && _host.State.Setup.ExclusiveTypes.Contains(type.Id) ? 1u : 0u));

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstancesPerGpuInstance(uint typeId, out uint count) => AskType(
        "nvmlVgpuTypeGetMaxInstancesPerGpuInstance", typeId, out count, 0u,
        type => type.GpuInstanceProfile is null
            ? (NvmlStatus.NotSupported, 0u)
            : (NvmlStatus.Success, (uint)(type.MaxInstancesPerGpuInstance ?? 1)));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: on KVM the <c>-uuid</c> of the process.</remarks>
    public NvmlStatus VgpuInstanceGetVmId(uint vgpuInstance, out string vmId) => AskVgpu(
        "nvmlVgpuInstanceGetVmID", vgpuInstance, out vmId, "", (_, vgpu) => (NvmlStatus.Success, vgpu.VmUuid ?? ""));

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetMdevUuid(uint vgpuInstance, out string uuid) => AskVgpu(
        "nvmlVgpuInstanceGetMdevUUID", vgpuInstance, out uuid, "",
        (_, vgpu) => vgpu.MdevUuid is { } own ? (NvmlStatus.Success, own) : (NvmlStatus.NotSupported, ""));

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetType(uint vgpuInstance, out uint typeId) => AskVgpu(
        "nvmlVgpuInstanceGetType", vgpuInstance, out typeId, 0u, (_, vgpu) => (NvmlStatus.Success, vgpu.Type));

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetGpuInstanceId(uint vgpuInstance, out uint gpuInstanceId) => AskVgpu(
        "nvmlVgpuInstanceGetGpuInstanceId", vgpuInstance, out gpuInstanceId, NoId,
        (_, vgpu) => (NvmlStatus.Success, vgpu.GpuInstance ?? NoId));

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetFbUsage(uint vgpuInstance, out ulong bytes) => AskVgpu(
        "nvmlVgpuInstanceGetFbUsage", vgpuInstance, out bytes, 0ul,
        (gpu, vgpu) =>
            (NvmlStatus.Success, (ulong)((vgpu.Load?.FramebufferMiB
                ?? gpu.Model.FindType(vgpu.Type)?.FramebufferMiB ?? 0) * BytesPerMiB)));

    /// <inheritdoc/>
    /// <remarks>Source: facts/nvml.md 5: driver not loaded until the guest's driver is up.</remarks>
    public NvmlStatus VgpuInstanceGetLicenseInfo(uint vgpuInstance, out NvmlVgpuLicense license) => AskVgpu(
        "nvmlVgpuInstanceGetLicenseInfo_v2", vgpuInstance, out license, default,
        (_, vgpu) => ReadLicense(vgpu));

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetVmDriverVersion(uint vgpuInstance, out string version) => AskVgpu(
        "nvmlVgpuInstanceGetVmDriverVersion", vgpuInstance, out version, "",
        (_, vgpu) => (NvmlStatus.Success, vgpu.GuestDriver ?? FindGuest(vgpu)?.Driver ?? "Not Available"));

    private (NvmlStatus, NvmlVgpuLicense) ReadLicense(LabVgpu vgpu)
    {
        if (FindGuest(vgpu) is not { Driver: not null } guest)
        {
            return vgpu.GuestDriver is null
                ? (NvmlStatus.DriverNotLoaded, default)
                : (NvmlStatus.Success, new NvmlVgpuLicense(vgpu.LicenseState, null, 0));
        }

        LabGridd.CatchUp(_host, guest);
        return (NvmlStatus.Success, guest.LicenseExpiry is { } end
            ? new NvmlVgpuLicense(guest.LicenseState, DateTimeOffset.FromUnixTimeSeconds(end), ValidExpiry)
            : new NvmlVgpuLicense(guest.LicenseState, null, 0));
    }

    // The inside of the VM that holds a vGPU, once it has booted.
    private LabGuest? FindGuest(LabVgpu vgpu) =>
        _host.State.Processes.Find(p => p.Pid == vgpu.Holder) is { } process
            ? _host.State.Guests.Find(g => g.Vm == process.Vm && g.BootedAtNs <= _host.State.MonotonicNs)
            : null;

    private (NvmlStatus, T) WithVgpus<T>(Func<T> read, T none) =>
        _host.State.Setup.DriverHasNoVgpu ? (NvmlStatus.NotSupported, none) : (NvmlStatus.Success, read());

    private NvmlStatus AskType<T>(
        string function, uint typeId, out T value, T none, Func<GpuModelType, (NvmlStatus, T)> read) => AskLibrary(
        function, out value, none,
        () => Visible.Select(gpu => gpu.Model.FindType(typeId)).FirstOrDefault(type => type is not null) is { } found
            ? read(found)
            : (NvmlStatus.InvalidArgument, none));

    private NvmlStatus AskVgpu<T>(
        string function, uint handle, out T value, T none, Func<LabGpu, LabVgpu, (NvmlStatus, T)> read) => AskLibrary(
        function, out value, none, () =>
        {
            foreach (var gpu in Visible)
            {
                if (gpu.Vgpus.Find(vgpu => vgpu.Handle == handle && vgpu.Holder is not null) is { } known)
                {
                    return read(gpu, known);
                }
            }

            return (NvmlStatus.NotFound, none);
        });
}
