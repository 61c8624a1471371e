using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Metrics;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;
using VgpuPS.Tests.Seams;
using Xunit;
using CoreReading = VgpuPS.Core.Metrics.Reading;

namespace VgpuPS.Tests.Nvml;

public sealed class NvmlObservingTests
{
    private static readonly PciAddress s_gpu = PciAddress.Parse("0000:41:00.0");

    private readonly INvmlApi _api;
    private readonly NvmlScript _script;

    public NvmlObservingTests()
    {
        (_api, _script) = NvmlScript.Create();
        _script.On("Init", NvmlStatus.Success);
        _script.On("Shutdown", NvmlStatus.Success);
        _script.Gives("DeviceGetHandleByPciBusId", new NvmlDevice(7));
    }

    [Fact]
    public void Numbers_come_in_base_units()
    {
        _script.Gives("DeviceGetPowerUsage", 61_250u);
        _script.Gives("DeviceGetTotalEnergyConsumption", 12_500ul);
        _script.Gives("DeviceGetUtilizationRates", new NvmlUtilization(7, 3));
        _script.Gives("DeviceGetClockInfo", 1440u);
        _script.Gives("DeviceGetClocksEventReasons", 0x44ul);
        _script.Gives("DeviceGetFieldValues", (IReadOnlyList<NvmlFieldValue>)
            [
                new(82, NvmlStatus.Success, 60), new(74, NvmlStatus.Success, 2.5e9),
                new(197, NvmlStatus.Success, null), new(269, NvmlStatus.InvalidArgument, null),
            ]);
        using var session = new NvmlGpuDriver(_api).Open();
        var read = session.ReadGpu(s_gpu);
        Assert.Equal(61.25, read.PowerWatts.Value);
        Assert.Equal(12.5, read.EnergyJoules.Value);
        Assert.Equal(0.07, read.Busy.Value!.Value, 6);
        Assert.All(read.ClocksHertz, c => Assert.Equal(1.44e9, c.Reading.Value));
        Assert.Equal(
            ["hardware_thermal", "power_cap"],
            read.ClockEvents.Where(e => e.Reading.Value == 1).Select(e => e.Name).Order());
        Assert.Equal(60, read.MemoryTemperatureCelsius.Value);
        Assert.Equal(2.5, read.ClockEventSeconds.Single(e => e.Name == "power_cap").Reading.Value);
        Assert.Equal(MetricAbsence.NotAvailable, read.PcieTransmitBytes.Absence);
        Assert.Equal(
            MetricAbsence.DriverTooOld,
            read.ClockEventSeconds.Single(e => e.Name == "software_thermal").Reading.Absence);
        Assert.Equal(MetricAbsence.DriverTooOld, read.TemperatureCelsius.Absence);
    }

    [Theory]
    [InlineData(NvmlStatus.NotSupported, MetricAbsence.NotSupported)]
    [InlineData(NvmlStatus.NotFound, MetricAbsence.NoSample)]
    [InlineData(NvmlStatus.NoData, MetricAbsence.NoSample)]
    [InlineData(NvmlStatus.DriverNotLoaded, MetricAbsence.NotAvailable)]
    [InlineData(NvmlStatus.ArgumentVersionMismatch, MetricAbsence.DriverTooOld)]
    [InlineData(NvmlStatus.Unknown, MetricAbsence.Failed)]
    public void Why_a_number_is_not_there_is_told_from_zero(NvmlStatus status, MetricAbsence why)
    {
        _script.On("DeviceGetPowerUsage", status);
        _script.On("DeviceGetVgpuUtilization", status);
        using var session = new NvmlGpuDriver(_api).Open();
        Assert.Equal(CoreReading.Missing(why), session.ReadGpu(s_gpu).PowerWatts);
        Assert.Empty(session.ReadVgpuLoads(s_gpu, out var absence));
        Assert.Equal(why, absence);
    }

    [Fact]
    public void A_lost_GPU_is_a_failure()
    {
        _script.On("DeviceGetPowerUsage", NvmlStatus.GpuIsLost);
        using var session = new NvmlGpuDriver(_api).Open();
        Assert.Equal(
            ErrorIds.DriverNotReady, Assert.Throws<HostNotReadyException>(() => session.ReadGpu(s_gpu)).ErrorId);
    }

    [Fact]
    public void A_runlist_has_the_total_of_its_newest_line()
    {
        _script.Gives("DeviceGetVgpuSchedulerLog", (IReadOnlyList<NvmlSchedulerLogEntry>)
            [new(100, 5_000_000_000, 1), new(300, 7_000_000_000, 1), new(200, 1_000_000_000, 0)]);
        using var session = new NvmlGpuDriver(_api).Open();
        Assert.Equal(
            [new NamedReading("0", CoreReading.Of(1)), new NamedReading("1", CoreReading.Of(7))],
            session.ReadSchedulerRun(s_gpu).RunSeconds);
    }

    [Fact]
    public void Samples_of_counters_are_freed_whatever_happens()
    {
        _script.Gives("GpmQueryDeviceSupport", 1u);
        _script.Gives("GpmSampleAlloc", new NvmlGpmSample(9));
        _script.On("GpmSampleFree", NvmlStatus.Success);
        _script.On("GpmMigSampleGet", NvmlStatus.NotFound);
        using var session = new NvmlGpuDriver(_api).Open();
        using var probe = session.BeginGpm(s_gpu, new GpuInstanceId(3));
        Assert.False(probe.IsRunning);
        Assert.Equal(GpmReadings.Missing(MetricAbsence.NoSample), probe.End());
        Assert.Single(_script.Calls, c => c == "GpmSampleFree");
    }

    [Theory]
    [InlineData(1u, 42.0)]
    [InlineData(3u, 42.0)]
    [InlineData(9u, null)]
    public void A_field_is_read_as_its_type_says(uint type, double? expected) =>
        Assert.Equal(expected, NativeNvmlApi.ValueOf(new nvmlValue_t { ullVal = 42 }, type));

    [Fact]
    public void The_value_that_stands_for_none_is_none() =>
        Assert.Null(NativeNvmlApi.ValueOf(new nvmlValue_t { ullVal = ulong.MaxValue }, 3));
}
