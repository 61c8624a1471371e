using VgpuPS.Core.Metrics;
using VgpuPS.Host.Operations.Metrics;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations.Metrics;

public sealed class ReadMetricsTests
{
    private const string Gpu = LabNodes.Gpu;

    [Theory]
    [InlineData(LabBackend.Vfio)]
    [InlineData(LabBackend.Mdev)]
    public async Task Time_sliced_vGPUs_have_their_own_load(LabBackend backend)
    {
        var found = await MeasuredNodes.TimeSliced(backend).CollectAsync();
        var (vm, other) = (("vm", "101"), ("vm", "102"));
        Assert.Equal(0.55, found.Value(GpuMetrics.Busy)!.Value, 6);
        Assert.Equal(0.40, found.Value(VgpuMetrics.Sm, vm)!.Value, 6);
        Assert.Equal(0.15, found.Value(VgpuMetrics.Sm, other)!.Value, 6);
        Assert.Equal(0.25, found.Value(VgpuMetrics.Memory, vm)!.Value, 6);
        Assert.Equal(0.07, found.Value(VgpuMetrics.Encoder, vm)!.Value, 6);
        Assert.Equal(0.03, found.Value(VgpuMetrics.Decoder, vm)!.Value, 6);
        Assert.Equal(0.02, found.Value(VgpuMetrics.Jpeg, vm)!.Value, 6);
        Assert.Equal(0.01, found.Value(VgpuMetrics.OpticalFlow, vm)!.Value, 6);
        Assert.Equal(2048.0 * (1 << 20), found.Value(VgpuMetrics.FramebufferUsed, vm));
        Assert.Equal(4096.0 * (1 << 20), found.Value(VgpuMetrics.Framebuffer, vm));
        Assert.Equal(1, found.Value(VgpuMetrics.EncoderSessions, vm));
        Assert.Equal(60, found.Value(VgpuMetrics.EncoderFrames, vm));
        Assert.Equal(0.0042, found.Value(VgpuMetrics.EncoderLatency, vm)!.Value, 6);
        Assert.Equal("", found.Absence(VgpuMetrics.Sm, Gpu));
        Assert.Equal(2, found.Value(GpuMetrics.Vgpus, ("state", "running")));
    }

    [Fact]
    public async Task MIG_on_Ampere_has_no_load_and_says_so()
    {
        var found = await MeasuredNodes.Mig("A30", t => t.EndsWith("A30-1-6C", StringComparison.Ordinal))
            .CollectAsync();
        foreach (var family in (MetricFamily[])
            [
                GpuMetrics.Busy, GpuMetrics.MemoryBusy, GpuMetrics.EncoderBusy, InstanceMetrics.Busy,
                InstanceMetrics.Sm, VgpuMetrics.Sm, VgpuMetrics.Memory,
            ])
        {
            Assert.DoesNotContain(found.Samples, s => s.Family == family);
            Assert.Equal("not_supported", found.Absence(family, Gpu));
        }

        Assert.NotNull(found.Value(VgpuMetrics.FramebufferUsed, ("vm", "101")));
        Assert.Equal(1, found.Value(GpuMetrics.Mig));
        Assert.NotNull(found.Value(GpuMetrics.Power));
    }

    [Theory]
    [InlineData("H200")]
    [InlineData("H100-PCIe")]
    public async Task MIG_on_Hopper_has_the_load_of_each_instance(string model)
    {
        var node = MeasuredNodes.Mig(model, t => t.Contains("-1-", StringComparison.Ordinal));
        var found = await node.CollectAsync();
        Assert.Equal(0.70, found.Value(InstanceMetrics.Busy)!.Value, 6);
        Assert.Equal(0.55, found.Value(InstanceMetrics.Tensor)!.Value, 6);
        Assert.Equal(0.20, found.Value(InstanceMetrics.Occupancy)!.Value, 6);
        Assert.Equal(0.30, found.Value(InstanceMetrics.Dram)!.Value, 6);
        Assert.Equal(0.70, found.Value(VgpuMetrics.Sm, ("vm", "101"))!.Value, 6);
        Assert.Equal(0.10, found.Value(GpuMetrics.Busy)!.Value, 6);
        Assert.DoesNotContain(found.Samples, s => s.Family == VgpuMetrics.Encoder);
        Assert.Equal("not_supported", found.Absence(VgpuMetrics.Encoder, node.Host.State.Gpus[0].Address));
    }

    [Fact]
    public async Task Instances_stand_in_where_the_whole_GPU_has_no_counters()
    {
        var node = MeasuredNodes.Mig("H200", t => t.Contains("-1-", StringComparison.Ordinal));
        node.Host.Edit(s => s.Setup.MissingFunctions.Add("nvmlGpmSampleGet"));
        Assert.Equal(0.10, (await node.CollectAsync()).Value(GpuMetrics.Busy)!.Value, 6);
    }

    [Fact]
    public async Task A_vGPU_that_shares_its_instance_has_no_load_of_its_own()
    {
        var node = Golden.GoldenHosts.SharedInstance();
        MeasuredNodes.Load(node, 101, new LabVgpuLoad { Sm = 30 });
        var found = await node.CollectAsync();
        Assert.DoesNotContain(found.Samples, s => s.Family == VgpuMetrics.Sm);
        Assert.Equal(0.30, found.Value(InstanceMetrics.Busy)!.Value, 6);
    }

    [Fact]
    public async Task All_samples_of_counters_share_one_pause()
    {
        var node = MeasuredNodes.Mig("H200", t => t.EndsWith("-1-18C", StringComparison.Ordinal));
        var gpu = node.Host.State.Gpus[0];
        MeasuredNodes.Start(
            node, 102, $"{gpu.FunctionAt(1)},mdev=nvidia-{gpu.Vgpus[0].Type}");
        Assert.Equal(2, gpu.Instances.Count);
        var calls = new List<string>();
        node.Host.Gate.Passing = (call, _) => calls.Add(call);
        var before = node.Host.Clock.GetTimestamp();
        var found = await node.CollectAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(100), node.Host.Clock.GetElapsedTime(before));
        Assert.Equal(0.1, found.Value(HostMetrics.Duration)!.Value, 6);
        Assert.Equal(6, calls.Count(c => c == "nvmlGpmSampleFree"));
        Assert.Single(calls, c => c == "nvmlInit_v2");
        Assert.Single(calls, c => c == "nvmlShutdown");
    }

    [Theory]
    [InlineData("vgpups_vgpu_framebuffer_used_bytes", 0)]
    [InlineData("vgpups_gpu_instance_vgpus", 0)]
    [InlineData("vgpups_gpu_utilization_ratio", 100)]
    [InlineData("vgpups_gpu_instance_sm_utilization_ratio", 100)]
    [InlineData("vgpups_metric_supported", 100)]
    public async Task Counters_are_read_where_something_of_them_is_asked_for(string name, int pause)
    {
        var node = MeasuredNodes.Mig("H200", t => t.EndsWith("-1-18C", StringComparison.Ordinal));
        var calls = new List<string>();
        node.Host.Gate.Passing = (call, _) => calls.Add(call);
        var before = node.Host.Clock.GetTimestamp();
        var report = await new ReadMetrics(node.Connect(_ => { })).RunAsync(
            new ReadMetricsRequest([name]), TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromMilliseconds(pause), node.Host.Clock.GetElapsedTime(before));
        Assert.Equal(pause > 0, calls.Exists(c => c.StartsWith("nvmlGpm", StringComparison.Ordinal)));
        Assert.NotEmpty(report.Samples);
    }

    [Fact]
    public async Task Counters_grow_with_time_and_load()
    {
        var node = MeasuredNodes.TimeSliced();
        var first = await node.CollectAsync();
        node.Host.Clock.Advance(TimeSpan.FromSeconds(10));
        var second = await node.CollectAsync();
        Assert.Equal(10 * second.Value(GpuMetrics.Power)!.Value, Grown(GpuMetrics.Energy), 1);
        Assert.Equal(4, Grown(GpuMetrics.RunTime, ("runlist", "0")), 6);
        Assert.Equal(1.5, Grown(GpuMetrics.RunTime, ("runlist", "1")), 6);
        Assert.True(Grown(GpuMetrics.PcieReceive) > 0);

        double Grown(MetricFamily family, params (string, string)[] labels) =>
            second.Value(family, labels)!.Value - first.Value(family, labels)!.Value;
    }

    [Fact]
    public async Task Best_effort_gives_no_run_time()
    {
        var node = MeasuredNodes.TimeSliced();
        node.Host.Edit(s => s.Gpus[0].SchedulerPolicy = 1);
        var found = await node.CollectAsync();
        Assert.Equal("no_sample", found.Absence(GpuMetrics.RunTime, Gpu));
        Assert.Equal(1, found.Value(GpuMetrics.Scheduler, ("policy", "best_effort")));
        Assert.Null(found.Value(GpuMetrics.Timeslice));
    }

    [Theory]
    [InlineData("nvmlDeviceGetCurrentClocksEventReasons")]
    [InlineData("nvmlDeviceGetFieldValues")]
    [InlineData("nvmlDeviceGetTotalEnergyConsumption")]
    public async Task A_function_that_the_driver_lacks_costs_its_own_numbers_alone(string function)
    {
        var node = MeasuredNodes.TimeSliced();
        var all = (await node.CollectAsync()).Samples.Select(s => s.Family).Distinct().ToList();
        node.Host.Edit(s => s.Setup.MissingFunctions.Add(function));
        var found = await node.CollectAsync();
        var lost = all.Except(found.Samples.Select(s => s.Family)).ToList();
        Assert.InRange(lost.Count, 1, 4);
        Assert.All(lost, f => Assert.Equal("driver_too_old", found.Absence(f, Gpu)));
    }

    [Fact]
    public async Task An_older_driver_has_no_JPEG_and_optical_flow()
    {
        var node = MeasuredNodes.TimeSliced();
        node.Host.Edit(s => s.Setup.MissingFunctions.Add("nvmlDeviceGetVgpuInstancesUtilizationInfo"));
        var found = await node.CollectAsync();
        Assert.Equal(0.40, found.Value(VgpuMetrics.Sm, ("vm", "101"))!.Value, 6);
        Assert.Equal("driver_too_old", found.Absence(VgpuMetrics.Jpeg, Gpu));
    }

    [Theory]
    [InlineData(NvmlStatus.NotFound, "no_sample")]
    [InlineData(NvmlStatus.NotSupported, "not_supported")]
    [InlineData(NvmlStatus.Unknown, "failed")]
    public async Task What_is_not_to_be_had_is_not_zero(NvmlStatus status, string reason)
    {
        var node = MeasuredNodes.TimeSliced();
        node.Host.Gate.Fail("nvmlDeviceGetVgpuInstancesUtilizationInfo", (int)status);
        var found = await node.CollectAsync();
        Assert.DoesNotContain(found.Samples, s => s.Family == VgpuMetrics.Sm);
        Assert.Equal(reason, found.Absence(VgpuMetrics.Sm, Gpu));
        Assert.Equal(1, found.Value(GpuMetrics.Up));
    }

    [Fact]
    public async Task A_GPU_that_is_lost_leaves_the_other_one()
    {
        var node = LabNodes.A30(LabBackend.Vfio, gpus: 2);
        node.Host.Edit(s => s.Gpus[0].IsLost = true);
        var found = await node.CollectAsync();
        Assert.Equal(0, found.Value(GpuMetrics.Up, ("gpu", Gpu)));
        Assert.Equal(1, found.Value(GpuMetrics.Up, ("gpu", LabNodes.OtherGpu)));
        Assert.NotNull(found.Value(GpuMetrics.Power, ("gpu", LabNodes.OtherGpu)));
        Assert.Equal(0, found.Value(HostMetrics.Failed, ("part", "driver")));
    }

    [Fact]
    public async Task A_GPU_that_is_lost_in_the_middle_is_down_and_the_rest_is_there()
    {
        var node = LabNodes.A30(LabBackend.Vfio, gpus: 2);
        node.Host.Gate.Fail("nvmlDeviceGetPowerUsage", (int)NvmlStatus.GpuIsLost, 1);
        var found = await node.CollectAsync();
        Assert.Equal(0, found.Value(GpuMetrics.Up, ("gpu", Gpu)));
        Assert.Equal(1, found.Value(GpuMetrics.Up, ("gpu", LabNodes.OtherGpu)));
        Assert.Empty(node.Host.State.NvmlClients);
    }

    [Fact]
    public async Task While_the_host_lock_is_held_nothing_needs_the_driver()
    {
        var node = MeasuredNodes.TimeSliced();
        var calls = new List<string>();
        Measured found;
        using (node.Host.Files.TryLock("/run/vgpups/lock", FileModes.Mode600))
        {
            node.Host.Gate.Passing = (call, _) => calls.Add(call);
            found = await node.CollectAsync();
        }

        Assert.DoesNotContain(calls, c => c.StartsWith("nvml", StringComparison.Ordinal));
        Assert.Equal(1, found.Value(HostMetrics.Skipped));
        Assert.Equal(2, found.Value(HostMetrics.Claims, ("state", "live")));
        Assert.Equal(1, found.Value(HostMetrics.Vm, ("vm", "101")));
        Assert.NotNull(found.Value(GpuMetrics.FunctionsEnabled));
        Assert.Equal(0, found.Value(HostMetrics.Duration));
    }

    [Fact]
    public async Task Two_collections_at_once_share_the_lock()
    {
        var node = MeasuredNodes.TimeSliced();
        using var other = node.Host.Files.TryShareLock("/run/vgpups/lock", FileModes.Mode600);
        Assert.NotNull(other);
        Assert.Equal(0, (await node.CollectAsync()).Value(HostMetrics.Skipped));
        Assert.Null(node.Host.Files.TryLock("/run/vgpups/lock", FileModes.Mode600));
        Assert.Null(node.Connect(_ => { }).LockHolder.Find());
    }

    [Theory]
    [InlineData("nvmlDeviceGetTotalEccErrors")]
    [InlineData("nvmlDeviceGetVgpuInstancesUtilizationInfo")]
    public async Task A_start_that_waits_ends_a_collection_early(string during)
    {
        var node = MeasuredNodes.TimeSliced();
        IHostFileLock? waits = null;
        var calls = new List<string>();
        node.Host.Gate.Passing = (call, _) =>
        {
            if (call == during && waits is null)
            {
                waits = node.Host.Files.TryLock("/run/vgpups/lock.waiting", FileModes.Mode600);
                calls.Clear();
            }

            calls.Add(call);
        };
        var found = await node.CollectAsync();
        node.Host.Gate.Passing = null;
        Assert.NotNull(waits);
        Assert.Equal(1, found.Value(HostMetrics.Skipped));
        Assert.Equal(0, found.Value(HostMetrics.Failed, ("part", "driver")));
        Assert.Null(found.Value(GpuMetrics.Up, ("gpu", Gpu)));
        Assert.Equal(2, found.Value(HostMetrics.Claims, ("state", "live")));
        Assert.DoesNotContain("nvmlVgpuInstanceGetFbUsage", calls);
        Assert.Empty(node.Host.State.NvmlClients);
        using (var free = node.Host.Files.TryLock("/run/vgpups/lock", FileModes.Mode600))
        {
            Assert.NotNull(free);
        }

        waits.Dispose();
        Assert.Equal(0, (await node.CollectAsync()).Value(HostMetrics.Skipped));
    }

    [Fact]
    public async Task A_driver_call_that_hangs_is_left_with_the_lock_free_and_what_was_read()
    {
        var node = LabNodes.A30(LabBackend.Vfio, mig: false, gpus: 2);
        using var hanging = new ManualResetEventSlim();
        var calls = 0;
        node.Host.Gate.Passing = (call, _) =>
        {
            if (call == "nvmlDeviceGetTotalEccErrors" && ++calls > 2)
            {
                node.Host.Clock.Advance(TimeSpan.FromSeconds(1));
                hanging.Wait(TimeSpan.FromMinutes(1));
            }
        };
        var found = await node.CollectAsync();
        using (var free = node.Host.Files.TryLock("/run/vgpups/lock", FileModes.Mode600))
        {
            Assert.NotNull(free);
        }

        Assert.Equal(1, found.Value(HostMetrics.Failed, ("part", "driver")));
        Assert.Equal(0, found.Value(HostMetrics.Skipped));
        Assert.Equal(1, found.Value(HostMetrics.DriverUp));
        Assert.NotNull(found.Value(GpuMetrics.Power, ("gpu", Gpu)));
        Assert.Null(found.Value(GpuMetrics.Power, ("gpu", LabNodes.OtherGpu)));
        hanging.Set();
    }

    [Fact]
    public async Task A_driver_that_is_slow_is_said_to_be()
    {
        var node = MeasuredNodes.TimeSliced();
        node.Host.Gate.Delay("nvmlDeviceGetTotalEccErrors", TimeSpan.FromMinutes(10));
        Assert.Equal(1, (await node.CollectAsync()).Value(HostMetrics.Failed, ("part", "driver")));
    }

    [Fact]
    public async Task A_driver_that_is_not_there_is_not_opened()
    {
        var node = LabHostNode.Create(new LabOptions());
        node.Host.Edit(s => s.Setup.DriverIsUnloaded = true);
        var calls = new List<string>();
        node.Host.Gate.Passing = (call, _) => calls.Add(call);
        var found = await node.CollectAsync();
        Assert.DoesNotContain(calls, c => c.StartsWith("nvml", StringComparison.Ordinal));
        Assert.Equal(0, found.Value(HostMetrics.DriverUp));
        Assert.Equal(0, found.Value(HostMetrics.Failed, ("part", "driver")));
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_and_the_rest_is_there()
    {
        var node = MeasuredNodes.TimeSliced();
        node.Host.Put("/run/vgpups/claims.json", "{");
        node.Host.Put("/run/vgpups/boot.json", "[");
        var found = await node.CollectAsync();
        Assert.Equal(1, found.Value(HostMetrics.Failed, ("part", "claims")));
        Assert.Equal(1, found.Value(HostMetrics.Failed, ("part", "boot")));
        Assert.Null(found.Value(HostMetrics.Claims, ("state", "live")));
        Assert.Equal(0.40, found.Value(VgpuMetrics.Sm, ("vm", "101"))!.Value, 6);
    }
}
