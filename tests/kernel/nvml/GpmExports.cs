using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>Performance counters.</summary>
/// <remarks>Source: facts/metrics.md A30 to A32.</remarks>
internal static unsafe class GpmExports
{
    [UnmanagedCallersOnly(EntryPoint = "nvmlGpmQueryDeviceSupport")]
    private static NvmlStatus Support(nint device, nvmlGpmSupport_t* support) => StandIn.Call(
        nvml => support->version == nvmlGpmSupport_t.VersionWord
            ? nvml.GpmQueryDeviceSupport(new NvmlDevice(device), out support->isSupportedDevice)
            : NvmlStatus.ArgumentVersionMismatch);

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpmSampleAlloc")]
    private static NvmlStatus Alloc(nint* sample) => StandIn.Call(nvml =>
    {
        var status = nvml.GpmSampleAlloc(out var made);
        *sample = made.Value;
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpmSampleFree")]
    private static NvmlStatus Free(nint sample) => StandIn.Call(nvml => nvml.GpmSampleFree(new NvmlGpmSample(sample)));

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpmSampleGet")]
    private static NvmlStatus Sample(nint device, nint sample) => StandIn.Call(
        nvml => nvml.GpmSampleGet(new NvmlDevice(device), new NvmlGpmSample(sample)));

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpmMigSampleGet")]
    private static NvmlStatus MigSample(nint device, uint instance, nint sample) => StandIn.Call(
        nvml => nvml.GpmMigSampleGet(new NvmlDevice(device), instance, new NvmlGpmSample(sample)));

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpmMetricsGet")]
    private static NvmlStatus Metrics(nvmlGpmMetricsGet_t* request) => StandIn.Call(nvml =>
    {
        if (request->version != nvmlGpmMetricsGet_t.VersionWord)
        {
            return NvmlStatus.ArgumentVersionMismatch;
        }

        var ids = Enumerable.Range(0, (int)request->numMetrics).Select(i => request->metrics[i].metricId).ToList();
        var status = nvml.GpmMetricsGet(
            new NvmlGpmSample(request->sample1), new NvmlGpmSample(request->sample2), ids, out var found);
        for (var i = 0; i < found.Count; i++)
        {
            request->metrics[i].nvmlReturn = (int)found[i].Status;
            request->metrics[i].value = found[i].Value;
        }

        return status;
    });
}
