using VgpuPS.Host.Nvml.Native;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    private const uint ArrOn = 2;
    private const int VgpuNameSize = 64;
    private const int VgpuLicenseSize = 128;
    private const int VgpuIdSize = 80;
    private const byte ExpiryValid = 2;

    /// <inheritdoc/>
    public NvmlStatus DeviceGetSupportedVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds)
    {
        var status = ReadCounted<uint>("nvmlDeviceGetSupportedVgpus", device, out var ids);
        typeIds = ids;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetCreatableVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds)
    {
        var status = ReadCounted<uint>("nvmlDeviceGetCreatableVgpus", device, out var ids);
        typeIds = ids;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetActiveVgpus(NvmlDevice device, out IReadOnlyList<uint> vgpuInstances)
    {
        var status = ReadCounted<uint>("nvmlDeviceGetActiveVgpus", device, out var ids);
        vgpuInstances = ids;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetName(uint typeId, out string name) =>
        ReadSizedTextById("nvmlVgpuTypeGetName", typeId, VgpuNameSize, out name);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetClass(uint typeId, out string typeClass) =>
        ReadSizedTextById("nvmlVgpuTypeGetClass", typeId, VgpuNameSize, out typeClass);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetGpuInstanceProfileId(uint typeId, out uint profileId)
    {
        profileId = 0;
        return ReadById("nvmlVgpuTypeGetGpuInstanceProfileId", typeId, ref profileId);
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetFramebufferSize(uint typeId, out ulong bytes)
    {
        bytes = 0;
        return ReadById("nvmlVgpuTypeGetFramebufferSize", typeId, ref bytes);
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetLicense(uint typeId, out string license) =>
        ReadTextById("nvmlVgpuTypeGetLicense", typeId, VgpuLicenseSize, out license);

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstances(NvmlDevice device, uint typeId, out uint count)
    {
        count = 0;
        return ReadOf("nvmlVgpuTypeGetMaxInstances", device.Value, typeId, ref count);
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstancesPerVm(uint typeId, out uint count)
    {
        count = 0;
        return ReadById("nvmlVgpuTypeGetMaxInstancesPerVm", typeId, ref count);
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetCapability(uint typeId, uint capability, out uint result)
    {
        result = 0;
        var call = (delegate* unmanaged[Cdecl]<uint, uint, uint*, NvmlStatus>)_library.Export(
            "nvmlVgpuTypeGetCapabilities");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (uint* value = &result)
        {
            return call(typeId, capability, value);
        }
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuTypeGetMaxInstancesPerGpuInstance(uint typeId, out uint count)
    {
        count = 0;
        var call = (delegate* unmanaged[Cdecl]<nvmlVgpuTypeMaxInstance_v1_t*, NvmlStatus>)
            _library.Export("nvmlVgpuTypeGetMaxInstancesPerGpuInstance");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        nvmlVgpuTypeMaxInstance_v1_t native = default;
        native.version = nvmlVgpuTypeMaxInstance_v1_t.VersionWord;
        native.vgpuTypeId = typeId;
        var status = call(&native);
        count = native.maxInstancePerGI;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetVmId(uint vgpuInstance, out string vmId)
    {
        vmId = string.Empty;
        var call = (delegate* unmanaged[Cdecl]<uint, byte*, uint, uint*, NvmlStatus>)
            _library.Export("nvmlVgpuInstanceGetVmID");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint kind = 0;
        var buffer = stackalloc byte[VgpuIdSize];
        var status = call(vgpuInstance, buffer, VgpuIdSize, &kind);
        vmId = status == NvmlStatus.Success ? Text(new ReadOnlySpan<byte>(buffer, VgpuIdSize)) : string.Empty;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetMdevUuid(uint vgpuInstance, out string uuid) =>
        ReadTextById("nvmlVgpuInstanceGetMdevUUID", vgpuInstance, VgpuIdSize, out uuid);

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetType(uint vgpuInstance, out uint typeId)
    {
        typeId = 0;
        return ReadById("nvmlVgpuInstanceGetType", vgpuInstance, ref typeId);
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetGpuInstanceId(uint vgpuInstance, out uint gpuInstanceId)
    {
        gpuInstanceId = 0;
        return ReadById("nvmlVgpuInstanceGetGpuInstanceId", vgpuInstance, ref gpuInstanceId);
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetFbUsage(uint vgpuInstance, out ulong bytes)
    {
        bytes = 0;
        return ReadById("nvmlVgpuInstanceGetFbUsage", vgpuInstance, ref bytes);
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetLicenseInfo(uint vgpuInstance, out NvmlVgpuLicense license)
    {
        nvmlVgpuLicenseInfo_t native = default;
        var status = ReadById("nvmlVgpuInstanceGetLicenseInfo_v2", vgpuInstance, ref native);
        license = new NvmlVgpuLicense(native.currentState, Expiry(native.licenseExpiry), native.licenseExpiry.status);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetVmDriverVersion(uint vgpuInstance, out string version) =>
        ReadTextById("nvmlVgpuInstanceGetVmDriverVersion", vgpuInstance, DriverVersionSize, out version);

    /// <summary>The instant in UTC, null where the driver calls it not valid or it is not a date.</summary>
    internal static DateTimeOffset? Expiry(nvmlVgpuLicenseExpiry_t expiry)
    {
        var known = expiry.status == ExpiryValid
            && expiry.year is >= 1 and <= 9999 && expiry.month is >= 1 and <= 12 && expiry.day >= 1
            && expiry.day <= DateTime.DaysInMonth((int)expiry.year, expiry.month)
            && expiry.hour < 24 && expiry.min < 60 && expiry.sec < 60;
        return known
            ? new DateTimeOffset(
                (int)expiry.year, expiry.month, expiry.day, expiry.hour, expiry.min, expiry.sec, TimeSpan.Zero)
            : null;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuCapability(NvmlDevice device, uint capability, out uint result)
    {
        result = 0;
        return ReadOf("nvmlDeviceGetVgpuCapabilities", device.Value, capability, ref result);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuHeterogeneousMode(NvmlDevice device, out uint mode)
    {
        nvmlVgpuHeterogeneousMode_v1_t native = default;
        native.version = nvmlVgpuHeterogeneousMode_v1_t.VersionWord;
        var status = Read("nvmlDeviceGetVgpuHeterogeneousMode", device.Value, ref native);
        mode = native.mode;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceSetVgpuHeterogeneousMode(NvmlDevice device, uint mode)
    {
        nvmlVgpuHeterogeneousMode_v1_t native = default;
        native.version = nvmlVgpuHeterogeneousMode_v1_t.VersionWord;
        native.mode = mode;
        return Read("nvmlDeviceSetVgpuHeterogeneousMode", device.Value, ref native);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerState(NvmlDevice device, out NvmlVgpuScheduler state)
    {
        nvmlVgpuSchedulerGetState_t native = default;
        var status = Read("nvmlDeviceGetVgpuSchedulerState", device.Value, ref native);
        var figures = native.schedulerParams;
        state = native.arrMode == ArrOn
            ? new NvmlVgpuScheduler(
                native.schedulerPolicy, native.arrMode, figures.arrTimeslice, figures.avgFactor, 0)
            : new NvmlVgpuScheduler(native.schedulerPolicy, native.arrMode, figures.timeslice, 0, 0);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceSetVgpuSchedulerState(NvmlDevice device, NvmlVgpuScheduler state)
    {
        nvmlVgpuSchedulerSetState_t native = default;
        native.schedulerPolicy = state.Policy;
        native.enableARRMode = state.ArrMode;
        if (state.ArrMode == ArrOn)
        {
            native.schedulerParams.avgFactor = state.AverageFactor;
            native.schedulerParams.frequency = state.FrequencyHz;
        }
        else
        {
            native.schedulerParams.timeslice = state.TimesliceNs;
        }

        return Read("nvmlDeviceSetVgpuSchedulerState", device.Value, ref native);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerCapabilities(NvmlDevice device, out NvmlVgpuSchedulerLimits? limits)
    {
        limits = null;
        nvmlVgpuSchedulerCapabilities_t native = default;
        var status = Read("nvmlDeviceGetVgpuSchedulerCapabilities", device.Value, ref native);
        if (status == NvmlStatus.Success)
        {
            var policies = new List<uint>();
            foreach (var policy in native.supportedSchedulers)
            {
                if (policy != 0)
                {
                    policies.Add(policy);
                }
            }

            limits = new NvmlVgpuSchedulerLimits(
                policies, native.minTimeslice, native.maxTimeslice, native.isArrModeSupported != 0,
                native.minFrequencyForARR, native.maxFrequencyForARR, native.minAvgFactorForARR,
                native.maxAvgFactorForARR);
        }

        return status;
    }
}
