using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    /// <inheritdoc/>
    public NvmlStatus DeviceGetHostVgpuMode(NvmlDevice device, out uint mode) =>
        GetNumber("nvmlDeviceGetHostVgpuMode", device.Value, out mode);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuHeterogeneousMode(NvmlDevice device, out uint mode) =>
        GetVersioned("nvmlDeviceGetVgpuHeterogeneousMode", device.Value, out mode);

    /// <inheritdoc/>
    public NvmlStatus DeviceSetVgpuHeterogeneousMode(NvmlDevice device, uint mode)
    {
        var raw = new nvmlVersionedValue_v1_t { version = nvmlVersionedValue_v1_t.Version, value = mode };
        var f = (delegate* unmanaged<nint, nvmlVersionedValue_v1_t*, int>)_library.Find(
            "nvmlDeviceSetVgpuHeterogeneousMode");
        return f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(device.Value, &raw);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerState(NvmlDevice device, out NvmlVgpuScheduler state)
    {
        var words = stackalloc uint[4];
        var status = CallWithWords("nvmlDeviceGetVgpuSchedulerState", device, words);
        var hasArr = words[1] == 2;
        state = new NvmlVgpuScheduler(
            words[0], words[1], hasArr ? 0 : words[2], hasArr ? words[2] : 0, hasArr ? words[3] : 0);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceSetVgpuSchedulerState(NvmlDevice device, NvmlVgpuScheduler state)
    {
        var words = stackalloc uint[4];
        words[0] = state.Policy;
        words[1] = state.ArrMode;
        words[2] = state.ArrMode == 2 ? state.AverageFactor : state.TimesliceNs;
        words[3] = state.ArrMode == 2 ? state.FrequencyHz : 0;
        return CallWithWords("nvmlDeviceSetVgpuSchedulerState", device, words);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerCapabilities(NvmlDevice device, out NvmlVgpuSchedulerLimits? limits)
    {
        var words = stackalloc uint[10];
        var status = CallWithWords("nvmlDeviceGetVgpuSchedulerCapabilities", device, words);
        limits = status != NvmlStatus.Success ? null : new NvmlVgpuSchedulerLimits(
            [.. new[] { words[0], words[1], words[2] }.Where(p => p != 0)], words[4], words[3], words[5] != 0,
            words[7], words[6], words[9], words[8]);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetSupportedVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds) =>
        GetList("nvmlDeviceGetSupportedVgpus", device.Value, out typeIds);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetCreatableVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds) =>
        GetList("nvmlDeviceGetCreatableVgpus", device.Value, out typeIds);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetActiveVgpus(NvmlDevice device, out IReadOnlyList<uint> vgpuInstances) =>
        GetList("nvmlDeviceGetActiveVgpus", device.Value, out vgpuInstances);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetName(uint typeId, out string name) => GetSized("nvmlVgpuTypeGetName", typeId, out name);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetClass(uint typeId, out string typeClass) =>
        GetSized("nvmlVgpuTypeGetClass", typeId, out typeClass);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetGpuInstanceProfileId(uint typeId, out uint profileId) =>
        GetOfId("nvmlVgpuTypeGetGpuInstanceProfileId", typeId, out profileId);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetFramebufferSize(uint typeId, out ulong bytes) =>
        GetLongOfId("nvmlVgpuTypeGetFramebufferSize", typeId, out bytes);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetLicense(uint typeId, out string license) =>
        GetTextOfId("nvmlVgpuTypeGetLicense", typeId, 128, out license);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstances(NvmlDevice device, uint typeId, out uint count) =>
        GetCount("nvmlVgpuTypeGetMaxInstances", device.Value, typeId, out count);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstancesPerVm(uint typeId, out uint count) =>
        GetOfId("nvmlVgpuTypeGetMaxInstancesPerVm", typeId, out count);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstancesPerGpuInstance(uint typeId, out uint count)
    {
        var raw = new nvmlVgpuTypeMaxInstance_v1_t
        {
            version = nvmlVgpuTypeMaxInstance_v1_t.Version, vgpuTypeId = typeId,
        };
        var f = (delegate* unmanaged<nvmlVgpuTypeMaxInstance_v1_t*, int>)_library.Find(
            "nvmlVgpuTypeGetMaxInstancesPerGpuInstance");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(&raw);
        count = raw.maxInstancePerGI;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetVmId(uint vgpuInstance, out string vmId)
    {
        var text = stackalloc byte[TextSize];
        uint kind = 0;
        var f = (delegate* unmanaged<uint, byte*, uint, uint*, int>)_library.Find("nvmlVgpuInstanceGetVmID");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(vgpuInstance, text, 80, &kind);
        vmId = status == NvmlStatus.Success ? Text(text, TextSize) : "";
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetUuid(uint vgpuInstance, out string uuid) =>
        GetTextOfId("nvmlVgpuInstanceGetUUID", vgpuInstance, 80, out uuid);

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetMdevUuid(uint vgpuInstance, out string uuid) =>
        GetTextOfId("nvmlVgpuInstanceGetMdevUUID", vgpuInstance, 80, out uuid);

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetType(uint vgpuInstance, out uint typeId) =>
        GetOfId("nvmlVgpuInstanceGetType", vgpuInstance, out typeId);

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetGpuInstanceId(uint vgpuInstance, out uint gpuInstanceId) =>
        GetOfId("nvmlVgpuInstanceGetGpuInstanceId", vgpuInstance, out gpuInstanceId);

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetPlacementId(uint vgpuInstance, out uint placementId)
    {
        var raw = new nvmlVersionedValue_v1_t { version = nvmlVersionedValue_v1_t.Version };
        var f = (delegate* unmanaged<uint, nvmlVersionedValue_v1_t*, int>)_library.Find("nvmlVgpuInstanceGetPlacementId");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(vgpuInstance, &raw);
        placementId = raw.value;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetFbUsage(uint vgpuInstance, out ulong bytes) =>
        GetLongOfId("nvmlVgpuInstanceGetFbUsage", vgpuInstance, out bytes);

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetLicenseInfo(uint vgpuInstance, out NvmlVgpuLicense license)
    {
        nvmlVgpuLicenseInfo_t raw = default;
        var f = (delegate* unmanaged<uint, nvmlVgpuLicenseInfo_t*, int>)_library.Find("nvmlVgpuInstanceGetLicenseInfo_v2");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(vgpuInstance, &raw);
        license = new NvmlVgpuLicense(raw.currentState, Expiry(raw.licenseExpiry), raw.licenseExpiry.status);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetVmDriverVersion(uint vgpuInstance, out string version) =>
        GetTextOfId("nvmlVgpuInstanceGetVmDriverVersion", vgpuInstance, 80, out version);

    /// <summary>A date that the calendar does not have counts as not told.</summary>
    private static DateTimeOffset? Expiry(nvmlVgpuLicenseExpiry_t e)
    {
        const byte Valid = 2;
        return e.status == Valid && e is { year: >= 1 and <= 9999, month: >= 1 and <= 12, hour: < 24, min: < 60, sec: < 60 }
            && e.day >= 1 && e.day <= DateTime.DaysInMonth((int)e.year, e.month)
            ? new DateTimeOffset((int)e.year, e.month, e.day, e.hour, e.min, e.sec, TimeSpan.Zero)
            : null;
    }

    private NvmlStatus CallWithWords(string name, NvmlDevice device, uint* words)
    {
        var f = (delegate* unmanaged<nint, uint*, int>)_library.Find(name);
        return f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(device.Value, words);
    }

    private NvmlStatus GetVersioned(string name, nint handle, out uint value)
    {
        var raw = new nvmlVersionedValue_v1_t { version = nvmlVersionedValue_v1_t.Version };
        var f = (delegate* unmanaged<nint, nvmlVersionedValue_v1_t*, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(handle, &raw);
        value = raw.value;
        return status;
    }

    private NvmlStatus GetOfId(string name, uint id, out uint value)
    {
        uint number = 0;
        var f = (delegate* unmanaged<uint, uint*, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(id, &number);
        value = number;
        return status;
    }

    private NvmlStatus GetLongOfId(string name, uint id, out ulong value)
    {
        ulong number = 0;
        var f = (delegate* unmanaged<uint, ulong*, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(id, &number);
        value = number;
        return status;
    }

    private NvmlStatus GetTextOfId(string name, uint id, uint size, out string value)
    {
        var text = stackalloc byte[TextSize];
        var f = (delegate* unmanaged<uint, byte*, uint, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(id, text, size);
        value = status == NvmlStatus.Success ? Text(text, TextSize) : "";
        return status;
    }

    /// <summary>Texts whose buffer size is passed by reference.</summary>
    private NvmlStatus GetSized(string name, uint id, out string value)
    {
        var text = stackalloc byte[TextSize];
        uint size = 64;
        var f = (delegate* unmanaged<uint, byte*, uint*, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(id, text, &size);
        value = status == NvmlStatus.Success ? Text(text, TextSize) : "";
        return status;
    }
}
