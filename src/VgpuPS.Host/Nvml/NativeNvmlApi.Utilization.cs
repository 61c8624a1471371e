using VgpuPS.Host.Nvml.Native;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    // What a GPU takes of vGPUs is below it; a buffer that is too small is doubled.
    private const int ExpectedVgpus = 32;

    // All that the driver has kept, about ten seconds.
    private const ulong SinceEver = 0;

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuUtilization(NvmlDevice device, out IReadOnlyList<NvmlVgpuUtilization> samples)
    {
        var newest = ReadVgpuUtilizationInfo(device, out samples);
        return IsFormUnknown(newest)
            ? OfLastForm(ReadVgpuUtilizationSamples(device, out samples), newest)
            : newest;
    }

    /// <remarks>Source: facts/metrics.md A12: the header contradicts itself on how the size is asked.</remarks>
    private NvmlStatus ReadVgpuUtilizationInfo(NvmlDevice device, out IReadOnlyList<NvmlVgpuUtilization> samples)
    {
        samples = [];
        var status = NvmlStatus.InsufficientSize;
        for (var (attempt, size) = (0, ExpectedVgpus);
            attempt < CountAttempts && status == NvmlStatus.InsufficientSize;
            attempt++, size *= 2)
        {
            var buffer = new nvmlVgpuInstanceUtilizationInfo_v1_t[size];
            nvmlVgpuInstancesUtilizationInfo_v1_t request = default;
            request.version = nvmlVgpuInstancesUtilizationInfo_v1_t.VersionWord;
            request.vgpuInstanceCount = (uint)size;
            request.lastSeenTimeStamp = SinceEver;
            fixed (nvmlVgpuInstanceUtilizationInfo_v1_t* first = buffer)
            {
                request.vgpuUtilArray = first;
                status = Read("nvmlDeviceGetVgpuInstancesUtilizationInfo", device.Value, ref request);
            }

            if (status == NvmlStatus.Success)
            {
                samples = Array.ConvertAll(
                    buffer[..(int)Math.Min(request.vgpuInstanceCount, (uint)size)],
                    s => new NvmlVgpuUtilization(
                        s.vgpuInstance, s.smUtil.uiVal, s.memUtil.uiVal, s.encUtil.uiVal, s.decUtil.uiVal,
                        s.jpgUtil.uiVal, s.ofaUtil.uiVal));
            }
        }

        return status;
    }

    private NvmlStatus ReadVgpuUtilizationSamples(NvmlDevice device, out IReadOnlyList<NvmlVgpuUtilization> samples)
    {
        samples = [];
        var call = (delegate* unmanaged[Cdecl]<nint, ulong, uint*, uint*, nvmlVgpuInstanceUtilizationSample_t*,
            NvmlStatus>)_library.Export("nvmlDeviceGetVgpuUtilization");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint kind = 0;
        uint count = 0;
        var status = call(device.Value, SinceEver, &kind, &count, null);
        for (var attempt = 0; attempt < CountAttempts && status == NvmlStatus.InsufficientSize && count > 0; attempt++)
        {
            var buffer = new nvmlVgpuInstanceUtilizationSample_t[count];
            fixed (nvmlVgpuInstanceUtilizationSample_t* first = buffer)
            {
                status = call(device.Value, SinceEver, &kind, &count, first);
            }

            if (status == NvmlStatus.Success)
            {
                samples = Array.ConvertAll(
                    buffer[..(int)Math.Min(count, (uint)buffer.Length)],
                    s => new NvmlVgpuUtilization(
                        s.vgpuInstance, s.smUtil.uiVal, s.memUtil.uiVal, s.encUtil.uiVal, s.decUtil.uiVal, null, null));
            }
        }

        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpmQueryDeviceSupport(NvmlDevice device, out uint isSupported)
    {
        nvmlGpmSupport_t native = default;
        native.version = nvmlGpmSupport_t.VersionWord;
        var status = Read("nvmlGpmQueryDeviceSupport", device.Value, ref native);
        isSupported = native.isSupportedDevice;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpmSampleAlloc(out NvmlGpmSample sample)
    {
        sample = default;
        var call = (delegate* unmanaged[Cdecl]<nint*, NvmlStatus>)_library.Export("nvmlGpmSampleAlloc");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        nint handle = 0;
        var status = call(&handle);
        sample = new NvmlGpmSample(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpmSampleFree(NvmlGpmSample sample) => CallWith("nvmlGpmSampleFree", sample.Value);

    /// <inheritdoc/>
    public NvmlStatus GpmSampleGet(NvmlDevice device, NvmlGpmSample sample)
    {
        var call = (delegate* unmanaged[Cdecl]<nint, nint, NvmlStatus>)_library.Export("nvmlGpmSampleGet");
        return call is null ? NvmlStatus.FunctionNotFound : call(device.Value, sample.Value);
    }

    /// <inheritdoc/>
    public NvmlStatus GpmMigSampleGet(NvmlDevice device, uint gpuInstanceId, NvmlGpmSample sample)
    {
        var call = (delegate* unmanaged[Cdecl]<nint, uint, nint, NvmlStatus>)_library.Export("nvmlGpmMigSampleGet");
        return call is null ? NvmlStatus.FunctionNotFound : call(device.Value, gpuInstanceId, sample.Value);
    }

    /// <inheritdoc/>
    public NvmlStatus GpmMetricsGet(
        NvmlGpmSample first, NvmlGpmSample second, IReadOnlyList<uint> metrics, out IReadOnlyList<NvmlGpmValue> values)
    {
        values = [];
        var call = (delegate* unmanaged[Cdecl]<nvmlGpmMetricsGet_t*, NvmlStatus>)_library.Export("nvmlGpmMetricsGet");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var native = new nvmlGpmMetricsGet_t[1];
        ref var request = ref native[0];
        request.version = nvmlGpmMetricsGet_t.VersionWord;
        request.numMetrics = (uint)metrics.Count;
        (request.sample1, request.sample2) = (first.Value, second.Value);
        for (var i = 0; i < metrics.Count; i++)
        {
            request.metrics[i].metricId = metrics[i];
        }

        NvmlStatus status;
        fixed (nvmlGpmMetricsGet_t* start = native)
        {
            status = call(start);
        }

        if (status == NvmlStatus.Success)
        {
            var found = new List<NvmlGpmValue>();
            for (var i = 0; i < metrics.Count; i++)
            {
                var metric = request.metrics[i];
                found.Add(new NvmlGpmValue(metric.metricId, (NvmlStatus)metric.nvmlReturn, metric.value));
            }

            values = found;
        }

        return status;
    }
}
