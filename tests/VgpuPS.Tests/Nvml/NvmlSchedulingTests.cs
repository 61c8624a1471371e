using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Seams;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Nvml;

public sealed class NvmlSchedulingTests
{
    private static readonly PciAddress s_gpu = PciAddress.Parse("0000:41:00.0");
    private static readonly ActiveVgpu s_vgpu = new(10, new VgpuTypeId(689), "", null, null);

    private readonly INvmlApi _api;
    private readonly NvmlScript _script;

    public NvmlSchedulingTests()
    {
        (_api, _script) = NvmlScript.Create();
        _script.On("Init", NvmlStatus.Success);
        _script.On("Shutdown", NvmlStatus.Success);
        _script.Gives("DeviceGetHandleByPciBusId", new NvmlDevice(7));
    }

    [Theory]
    [InlineData(1u, 0u, SchedulerPolicy.BestEffort, null)]
    [InlineData(2u, 1u, SchedulerPolicy.EqualShare, false)]
    [InlineData(3u, 2u, SchedulerPolicy.FixedShare, true)]
    [InlineData(9u, 0u, null, null)]
    public void The_scheduler_is_reported(uint policy, uint arr, SchedulerPolicy? expected, bool? isAdaptive)
    {
        _script.Gives("DeviceGetVgpuSchedulerState", new NvmlVgpuScheduler(policy, arr, 2_000_000, 0, 0));
        using var session = Open();
        Assert.Equal(new VgpuScheduler(expected, 2_000_000, isAdaptive), session.GetScheduler(s_gpu));
    }

    [Theory]
    [InlineData(NvmlStatus.NotSupported)]
    [InlineData(NvmlStatus.FunctionNotFound)]
    public void Scheduler_limits_and_capability_are_null_where_there_is_none(NvmlStatus status)
    {
        _script.On("DeviceGetVgpuSchedulerState", status);
        _script.On("DeviceGetVgpuSchedulerCapabilities", status);
        _script.On("DeviceGetVgpuCapability", status);
        using var session = Open();
        Assert.Null(session.GetScheduler(s_gpu));
        Assert.Null(session.GetSchedulerLimits(s_gpu));
        Assert.Null(session.CanMixSizes(s_gpu));
    }

    [Fact]
    public void Limits_are_reported_without_policies_that_nobody_knows()
    {
        _script.Gives(
            "DeviceGetVgpuSchedulerCapabilities",
            new NvmlVgpuSchedulerLimits([1, 3, 7], 1_000_000, 30_000_000, true, 63, 960, 1, 60));
        using var session = Open();
        var limits = session.GetSchedulerLimits(s_gpu)!;
        Assert.Equal([SchedulerPolicy.BestEffort, SchedulerPolicy.FixedShare], limits.Policies);
        Assert.Equal((1_000_000L, 30_000_000L), (limits.MinTimesliceNanoseconds, limits.MaxTimesliceNanoseconds));
    }

    [Theory]
    [InlineData(SchedulerPolicy.EqualShare, 5_000_000L, 2u, 1u, 5_000_000u)]
    [InlineData(SchedulerPolicy.FixedShare, null, 3u, 0u, 0u)]
    public void A_slice_switches_adaptation_off(
        SchedulerPolicy policy, long? slice, uint number, uint arr, uint nanoseconds)
    {
        object? given = null;
        _script.On("DeviceSetVgpuSchedulerState", arguments =>
        {
            given = arguments[1];
            return NvmlStatus.Success;
        });
        using var session = Open();
        session.SetScheduler(s_gpu, policy, slice);
        Assert.Equal(new NvmlVgpuScheduler(number, arr, nanoseconds, 0, 0), given);
    }

    [Fact]
    public void Setting_what_the_GPU_refuses_says_why()
    {
        _script.On("DeviceSetVgpuSchedulerState", NvmlStatus.NotSupported);
        using var session = Open();
        Assert.Equal(
            ErrorIds.SchedulerNotReady,
            Assert.Throws<HostNotReadyException>(
                () => session.SetScheduler(s_gpu, SchedulerPolicy.EqualShare, null)).ErrorId);
        _script.On("DeviceSetVgpuHeterogeneousMode", NvmlStatus.NotSupported);
        Assert.Equal(
            ErrorIds.MixedSizesNotReady,
            Assert.Throws<HostNotReadyException>(() => session.SetMixedSizeMode(s_gpu, true)).ErrorId);
        _script.On("DeviceSetVgpuHeterogeneousMode", NvmlStatus.InUse);
        Assert.Throws<ResourceBusyException>(() => session.SetMixedSizeMode(s_gpu, true));
    }

    [Fact]
    public void A_guest_whose_driver_is_up_reports_its_licence()
    {
        var expiry = new DateTimeOffset(2027, 1, 2, 3, 4, 5, TimeSpan.Zero);
        _script.Gives("VgpuInstanceGetVmDriverVersion", "550.54.15");
        _script.Gives("VgpuInstanceGetFbUsage", 12UL << 20);
        _script.Gives("VgpuInstanceGetLicenseInfo", new NvmlVgpuLicense(5, expiry, 2));
        using var session = Open();
        Assert.Equal(
            new VgpuGuestState("550.54.15", new VgpuLicense(VgpuLicenseState.Licensed, expiry, false), 12),
            session.FindGuestState(s_gpu, s_vgpu));
    }

    [Fact]
    public void A_guest_without_driver_reports_nothing_and_one_that_ended_is_null()
    {
        _script.Gives("VgpuInstanceGetVmDriverVersion", "Not Available");
        _script.On("VgpuInstanceGetLicenseInfo", NvmlStatus.DriverNotLoaded);
        using var session = Open();
        Assert.Equal(new VgpuGuestState(null, null, null), session.FindGuestState(s_gpu, s_vgpu));
        _script.On("VgpuInstanceGetVmDriverVersion", NvmlStatus.NotFound);
        Assert.Null(session.FindGuestState(s_gpu, s_vgpu));
    }

    [Fact]
    public void Processes_of_the_host_are_reported_in_order()
    {
        _script.Gives("DeviceGetComputeRunningProcesses", (IReadOnlyList<uint>)[40u, 12u]);
        using var session = Open();
        Assert.Equal([12, 40], session.GetProcesses(s_gpu));
        _script.On("DeviceGetComputeRunningProcesses", NvmlStatus.NotSupported);
        Assert.Empty(session.GetProcesses(s_gpu));
    }

    private IGpuDriverSession Open() => new NvmlGpuDriver(_api).Open();
}
