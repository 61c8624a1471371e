using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Nvml;

public sealed partial class NvmlGpuDriverTests
{
    [Fact]
    public void Profiles_come_in_slot_order_named_by_driver_or_figures()
    {
        _script.On("DeviceGetGpuInstancePossiblePlacements", arguments =>
        {
            arguments[2] = (IReadOnlyList<NvmlPlacement>)[new(2, 2), new(0, 2)];
            return (uint?)arguments[1] == 5 ? NvmlStatus.Success : NvmlStatus.NotSupported;
        });
        using var session = Open();
        var profiles = session.GetProfiles(s_gpu);
        Assert.Equal(
            [(14u, "1g.6gb"), (5u, "2g.12gb")],
            profiles.Select(profile => (profile.Id.Value, profile.Name)));
        Assert.Empty(profiles[0].Placements);
        Assert.Equal([new Placement(0, 2), new Placement(2, 2)], profiles[1].Placements);
        Assert.Equal(new EngineCounts(1, 2, 0, 0, 0), profiles[0].Engines);
    }

    [Fact]
    public void Instances_of_all_profiles_are_one_list_and_one_that_vanishes_is_left_out()
    {
        Instances();
        using var session = Open();
        var instances = session.GetInstances(s_gpu);
        Assert.Equal([1u, 3u], instances.Select(instance => instance.Id.Value));
        Assert.Equal(new Placement(0, 1), instances[1].Placement);
        Assert.Equal(
            [new ComputeInstance(new ComputeInstanceId(0), new ComputeProfileId(1))], instances[1].ComputeInstances);
    }

    [Fact]
    public void With_MIG_off_there_are_no_instances()
    {
        _script.On("DeviceGetGpuInstances", NvmlStatus.NotSupported);
        using var session = Open();
        Assert.Empty(session.GetInstances(s_gpu));
    }

    [Theory]
    [InlineData(NvmlStatus.InsufficientResources, typeof(CapacityException))]
    [InlineData(NvmlStatus.InUse, typeof(ResourceBusyException))]
    [InlineData(NvmlStatus.NotSupported, typeof(HostNotReadyException))]
    public void A_refused_instance_says_where(NvmlStatus status, Type exception)
    {
        _script.On("DeviceCreateGpuInstanceWithPlacement", status);
        using var session = Open();
        var failure = Record.Exception(() => session.CreateInstance(s_gpu, new ProfileId(14), new Placement(1, 1)));
        Assert.IsType(exception, failure);
        Assert.Contains("0000:41:00.0 (profile 14 at 1:1)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_created_instance_has_the_id_that_the_driver_reads_back()
    {
        _script.On("DeviceCreateGpuInstanceWithPlacement", arguments =>
        {
            Assert.Equal((14u, new NvmlPlacement(1, 1)), (arguments[1], arguments[2]));
            arguments[3] = new NvmlGpuInstanceHandle(103);
            return NvmlStatus.Success;
        });
        Instances();
        using var session = Open();
        Assert.Equal(s_instance, session.CreateInstance(s_gpu, new ProfileId(14), new Placement(1, 1)));
        _script.Gives("GpuInstanceCreateComputeInstance", new NvmlComputeInstanceHandle(200));
        Assert.Equal(
            new ComputeInstanceId(0), session.CreateComputeInstance(s_gpu, s_instance, new ComputeProfileId(1)));
    }

    [Theory]
    [InlineData(NvmlStatus.Success, true)]
    [InlineData(NvmlStatus.InUse, false)]
    [InlineData(NvmlStatus.NotFound, true)]
    public void Destroying_says_whether_it_is_still_in_use(NvmlStatus status, bool expected)
    {
        Instances();
        _script.On("GpuInstanceDestroy", status);
        _script.On("ComputeInstanceDestroy", status);
        using var session = Open();
        Assert.Equal(expected, session.TryDestroyInstance(s_gpu, s_instance));
        Assert.Equal(expected, session.TryDestroyComputeInstance(s_gpu, s_instance, new ComputeInstanceId(0)));
        Assert.True(session.TryDestroyComputeInstance(s_gpu, s_instance, new ComputeInstanceId(5)));
        Assert.Single(_script.Calls, "ComputeInstanceDestroy");
    }

    [Fact]
    public void Destroying_what_is_gone_is_done_and_a_missing_permission_is_not()
    {
        using var session = Open();
        _script.On("DeviceGetGpuInstanceById", NvmlStatus.NotFound);
        Assert.True(session.TryDestroyInstance(s_gpu, s_instance));
        _script.On("DeviceGetGpuInstanceById", NvmlStatus.NoPermission);
        Assert.Throws<AccessDeniedException>(() => session.TryDestroyInstance(s_gpu, s_instance));
    }

    [Fact]
    public void Compute_profiles_are_named_after_their_instance_and_end_with_the_one_that_fills_it()
    {
        Instances();
        using var session = Open();
        Assert.Equal(
            ["1c.2g.12gb", "2g.12gb"],
            session.GetComputeProfiles(s_gpu, new GpuInstanceId(1)).Select(profile => profile.Name));
    }

    private static NvmlGpuInstanceProfile Profile(uint id, string name, uint slices, uint count) =>
        new(id, name, slices, count, slices * 14, 1, 2, 0, 0, 0, slices * 5900);

    private static NvmlComputeInstanceProfile Compute(uint id, uint slices, uint count) =>
        new(id, "", slices, count, slices * 14);

    // GPU instances 3 (profile 14) and 1 (profile 5), and one that vanishes; each with one compute instance.
    private void Instances()
    {
        _script.On("DeviceGetGpuInstances", arguments =>
        {
            arguments[3] = (uint?)arguments[1] == 14
                ? (IReadOnlyList<NvmlGpuInstanceHandle>)[new(103), new(199)]
                : [new(101)];
            return NvmlStatus.Success;
        });
        _script.On("DeviceGetGpuInstanceById", arguments =>
        {
            arguments[2] = new NvmlGpuInstanceHandle(100 + (nint)(uint)arguments[1]!);
            return NvmlStatus.Success;
        });
        _script.On("GpuInstanceGetInfo", arguments =>
        {
            var id = (uint)(((NvmlGpuInstanceHandle)arguments[0]!).Value - 100);
            arguments[1] = new NvmlGpuInstanceInfo(id, id == 3 ? 14u : 5u, id == 3 ? new(0, 1) : new(2, 2));
            return id == 99 ? NvmlStatus.NotFound : NvmlStatus.Success;
        });
        _script.On("GpuInstanceGetComputeInstances", arguments =>
        {
            arguments[3] = (uint?)arguments[1] == 1 ? (IReadOnlyList<NvmlComputeInstanceHandle>)[new(200)] : [];
            return NvmlStatus.Success;
        });
        _script.Gives("ComputeInstanceGetInfo", new NvmlComputeInstanceInfo(0, 1, new(0, 2)));
    }
}
