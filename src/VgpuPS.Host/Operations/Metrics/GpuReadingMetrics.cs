using VgpuPS.Core.Metrics;

namespace VgpuPS.Host.Operations.Metrics;

/// <summary>Makes metrics of what the driver measures of a GPU.</summary>
internal sealed class GpuReadingMetrics(MetricCollection found, string address, string uuid)
{
    private const long BytesPerMiB = 1L << 20;

    /// <summary>Adds them.</summary>
    public void Add(GpuReadings readings, GpuState state)
    {
        found.Add(GpuMetrics.Memory, state.MemoryMiB * BytesPerMiB, address, uuid);
        Add(GpuMetrics.MemoryUsed, readings.MemoryUsedBytes);

        // With MIG mode on counters say it, a pause later.
        if (!state.MigIsOn)
        {
            Add(GpuMetrics.Busy, readings.Busy);
        }

        Add(GpuMetrics.MemoryBusy, readings.MemoryBusy);
        Add(GpuMetrics.EncoderBusy, readings.EncoderBusy);
        Add(GpuMetrics.DecoderBusy, readings.DecoderBusy);
        Add(GpuMetrics.Power, readings.PowerWatts);
        Add(GpuMetrics.PowerLimit, readings.PowerLimitWatts);
        Add(GpuMetrics.Energy, readings.EnergyJoules);
        Add(GpuMetrics.Temperature, readings.TemperatureCelsius);
        Add(GpuMetrics.MemoryTemperature, readings.MemoryTemperatureCelsius);
        Add(GpuMetrics.PerformanceState, readings.PerformanceState);
        Add(GpuMetrics.PcieTransmit, readings.PcieTransmitBytes);
        Add(GpuMetrics.PcieReceive, readings.PcieReceiveBytes);
        Add(GpuMetrics.PcieReplays, readings.PcieReplays);
        Add(GpuMetrics.Clock, readings.ClocksHertz);
        Add(GpuMetrics.ClockEvent, readings.ClockEvents);
        Add(GpuMetrics.ClockEventTime, readings.ClockEventSeconds);
        Add(GpuMetrics.EccErrors, readings.EccErrors);
    }

    private void Add(MetricFamily family, Reading reading) => found.Add(family, address, reading, address, uuid);

    private void Add(MetricFamily family, IEnumerable<NamedReading> readings)
    {
        foreach (var (name, reading) in readings)
        {
            found.Add(family, address, reading, address, uuid, name);
        }
    }
}
