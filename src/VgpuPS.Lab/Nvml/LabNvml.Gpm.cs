namespace VgpuPS.Lab.Nvml;

/// <remarks>Source: facts/metrics.md A4, A30 to A32.</remarks>
public sealed partial class LabNvml
{
    private static readonly TimeSpan s_minGap = TimeSpan.FromMilliseconds(100);

    // Samples are memory of this process, no part of the machine.
    private readonly Dictionary<nint, GpmSample> _samples = [];
    private nint _nextSample = 1;

    /// <inheritdoc/>
    public NvmlStatus GpmQueryDeviceSupport(NvmlDevice device, out uint isSupported) => Ask(
        "nvmlGpmQueryDeviceSupport", device, out isSupported, 0u,
        gpu => (NvmlStatus.Success, gpu.Model.HasGpm ? 1u : 0u));

    /// <inheritdoc/>
    public NvmlStatus GpmSampleAlloc(out NvmlGpmSample sample) => AskLibrary(
        "nvmlGpmSampleAlloc", out sample, default, () =>
        {
            var made = new NvmlGpmSample(_nextSample++);
            _samples[made.Value] = new GpmSample(0, null, null);
            return (NvmlStatus.Success, made);
        });

    /// <inheritdoc/>
    public NvmlStatus GpmSampleFree(NvmlGpmSample sample) => AskLibrary(
        "nvmlGpmSampleFree", out _, 0,
        () => (_samples.Remove(sample.Value) ? NvmlStatus.Success : NvmlStatus.InvalidArgument, 0));

    /// <inheritdoc/>
    /// <remarks>That it works with MIG mode on is inferred.</remarks>
    public NvmlStatus GpmSampleGet(NvmlDevice device, NvmlGpmSample sample) => Ask(
        "nvmlGpmSampleGet", device, out _, 0, gpu => (Take(gpu, null, sample), 0));

    /// <inheritdoc/>
    public NvmlStatus GpmMigSampleGet(NvmlDevice device, uint gpuInstanceId, NvmlGpmSample sample) => Ask(
        "nvmlGpmMigSampleGet", device, out _, 0, gpu => (
            !gpu.MigCurrent ? NvmlStatus.NotSupported
            : gpu.Instances.Exists(i => i.Id == gpuInstanceId) ? Take(gpu, gpuInstanceId, sample)
            : NvmlStatus.NotFound, 0));

    /// <inheritdoc/>
    /// <remarks>That samples too near to each other have no data is assumed.</remarks>
    public NvmlStatus GpmMetricsGet(
        NvmlGpmSample first, NvmlGpmSample second, IReadOnlyList<uint> metrics,
        out IReadOnlyList<NvmlGpmValue> values) => AskLibrary(
        "nvmlGpmMetricsGet", out values, [], () =>
        {
            if (!_samples.TryGetValue(first.Value, out var from) || !_samples.TryGetValue(second.Value, out var to)
                || from.Gpu is null || from.Gpu != to.Gpu || from.Instance != to.Instance)
            {
                return (NvmlStatus.InvalidArgument, []);
            }

            var isTooNear = to.AtNs - from.AtNs < (long)s_minGap.TotalNanoseconds;
            return (NvmlStatus.Success, (IReadOnlyList<NvmlGpmValue>)
            [
                .. metrics.Select(m => isTooNear ? new NvmlGpmValue(m, NvmlStatus.NoData, 0) : Compute(to, m)),
            ]);
        });

    private NvmlStatus Take(LabGpu gpu, uint? instance, NvmlGpmSample sample)
    {
        if (!gpu.Model.HasGpm || !_samples.ContainsKey(sample.Value))
        {
            return gpu.Model.HasGpm ? NvmlStatus.InvalidArgument : NvmlStatus.NotSupported;
        }

        _samples[sample.Value] = new GpmSample(_host.State.MonotonicNs, gpu.Address, instance);
        return NvmlStatus.Success;
    }

    private NvmlGpmValue Compute(GpmSample sample, uint metric)
    {
        Func<LabVgpuLoad, double>? part = metric switch
        {
            1 or 2 => l => l.Sm,
            3 => l => l.Occupancy,
            5 => l => l.Tensor,
            10 => l => l.Memory,
            _ => null,
        };
        var gpu = _host.State.Gpus.Find(g => g.Address == sample.Gpu);
        var instance = gpu?.Instances.Find(i => i.Id == sample.Instance);
        return part is null || gpu is null || (sample.Instance is not null && instance is null)
            ? new NvmlGpmValue(metric, NvmlStatus.NotSupported, 0)
            : new NvmlGpmValue(
                metric, NvmlStatus.Success,
                100 * (instance is null ? LabLoads.Busy(gpu, part) : LabLoads.Busy(gpu, instance, part)));
    }

    private sealed record GpmSample(long AtNs, string? Gpu, uint? Instance);
}
