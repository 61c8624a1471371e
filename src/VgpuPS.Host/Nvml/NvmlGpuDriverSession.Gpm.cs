using VgpuPS.Core.Metrics;

namespace VgpuPS.Host.Nvml;

internal sealed partial class NvmlGpuDriverSession
{
    /// <remarks>Source: facts/metrics.md A32: percents.</remarks>
    private static readonly uint[] s_gpmMetrics = [1, 2, 3, 5, 10];

    public IGpmProbe BeginGpm(PciAddress gpu, GpuInstanceId? instance)
    {
        var device = Find(gpu);
        var support = api.GpmQueryDeviceSupport(device, out var isSupported);
        if (support != NvmlStatus.Success || isSupported == 0)
        {
            return new NoGpm(support == NvmlStatus.Success ? MetricAbsence.NotSupported : Why(support, gpu));
        }

        var probe = new GpmProbe(api, device, gpu, instance);
        var status = probe.Begin();
        if (status == NvmlStatus.Success)
        {
            return probe;
        }

        probe.Dispose();
        return new NoGpm(Why(status, gpu));
    }

    private sealed class NoGpm(MetricAbsence why) : IGpmProbe
    {
        public bool IsRunning => false;

        public GpmReadings End() => GpmReadings.Missing(why);

        public void Dispose()
        {
        }
    }

    private sealed class GpmProbe(INvmlApi api, NvmlDevice device, PciAddress gpu, GpuInstanceId? instance) : IGpmProbe
    {
        private readonly List<NvmlGpmSample> _samples = [];

        public bool IsRunning => true;

        public NvmlStatus Begin() => Take();

        public GpmReadings End()
        {
            var status = Take();
            if (status != NvmlStatus.Success)
            {
                return GpmReadings.Missing(Why(status, gpu));
            }

            status = api.GpmMetricsGet(_samples[0], _samples[1], s_gpmMetrics, out var values);
            var found = s_gpmMetrics.Select(id => status != NvmlStatus.Success ? Reading.Missing(Why(status, gpu))
                : values.FirstOrDefault(v => v.Metric == id) is { Metric: not 0 } value
                    ? Ask(value.Status, value.Value, gpu, Percent)
                    : Reading.Missing(MetricAbsence.NotAvailable)).ToList();
            return new GpmReadings(found[0], found[1], found[2], found[3], found[4]);
        }

        public void Dispose()
        {
            // A sample that cannot be freed ends with the process.
            _samples.ForEach(s => _ = api.GpmSampleFree(s));
            _samples.Clear();
        }

        private NvmlStatus Take()
        {
            var status = api.GpmSampleAlloc(out var sample);
            if (status != NvmlStatus.Success)
            {
                return status;
            }

            _samples.Add(sample);
            return instance is { } known
                ? api.GpmMigSampleGet(device, known.Value, sample)
                : api.GpmSampleGet(device, sample);
        }
    }
}
