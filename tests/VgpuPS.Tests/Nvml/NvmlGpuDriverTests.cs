using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Seams;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Nvml;

public sealed partial class NvmlGpuDriverTests
{
    private static readonly PciAddress s_gpu = PciAddress.Parse("0000:41:00.0");
    private static readonly GpuInstanceId s_instance = new(3);

    private readonly INvmlApi _api;
    private readonly NvmlScript _script;

    public NvmlGpuDriverTests()
    {
        (_api, _script) = NvmlScript.Create();
        _script.On("Init", NvmlStatus.Success);
        _script.On("Shutdown", NvmlStatus.Success);
        _script.On("DeviceGetHandleByPciBusId", arguments =>
        {
            arguments[1] = new NvmlDevice(7);
            return (string?)arguments[0] == "00000000:41:00.0" ? NvmlStatus.Success : NvmlStatus.NotFound;
        });
        _script.Gives("DeviceGetMemoryInfo", new NvmlMemory(24258UL << 20, 0, 0));
        Slots("DeviceGetGpuInstanceProfileInfo", Profile(14, "MIG 1g.6gb", 1, 4), null, Profile(5, "", 2, 2));
        Slots("GpuInstanceGetComputeInstanceProfileInfo", Compute(0, 1, 2), Compute(1, 2, 1));
    }

    [Fact]
    public void Opening_initialises_alone_and_disposing_shuts_down_once()
    {
        var session = new NvmlGpuDriver(_api).Open();
        session.Dispose();
        session.Dispose();
        Assert.Equal(["Init", "Shutdown"], _script.Calls);
        Assert.Throws<ObjectDisposedException>(() => session.GetMigMode(s_gpu));
        Assert.Throws<ObjectDisposedException>(() => session.DriverVersion);
    }

    [Theory]
    [InlineData(NvmlStatus.LibraryNotFound)]
    [InlineData(NvmlStatus.DriverNotLoaded)]
    [InlineData(NvmlStatus.LibRmVersionMismatch)]
    public void A_driver_that_is_not_there_is_not_ready_and_not_shut_down(NvmlStatus status)
    {
        _script.On("Init", status);
        Assert.Throws<HostNotReadyException>(() => new NvmlGpuDriver(_api).Open());
        Assert.Equal(["Init"], _script.Calls);
    }

    [Fact]
    public void A_GPU_that_the_driver_does_not_know_is_not_found()
    {
        using var session = Open();
        var failure = Assert.Throws<ObjectNotFoundException>(
            () => session.GetMigMode(PciAddress.Parse("0000:42:00.0")));
        Assert.Equal((ErrorIds.DeviceNotFound, "0000:42:00.0"), (failure.ErrorId, failure.Target));
    }

    [Fact]
    public void Version_and_identity_are_reported()
    {
        _script.Gives("SystemGetDriverVersion", "550.54.16");
        _script.Gives("DeviceGetUuid", "GPU-1");
        _script.Gives("DeviceGetName", "NVIDIA A30");
        using var session = Open();
        Assert.Equal("550.54.16", session.DriverVersion);
        Assert.Equal((new GpuUuid("GPU-1"), "NVIDIA A30", 24258L), session.GetIdentity(s_gpu));
    }

    [Fact]
    public void MIG_mode_is_null_without_MIG()
    {
        using var session = Open();
        _script.Gives("DeviceGetMigMode", 0u, 1u);
        Assert.Equal(new MigMode(false, true), session.GetMigMode(s_gpu));
        _script.On("DeviceGetMigMode", NvmlStatus.NotSupported);
        Assert.Null(session.GetMigMode(s_gpu));
    }

    [Fact]
    public void Library_that_lacks_a_function_is_too_old_and_not_a_GPU_without_MIG()
    {
        _script.On("DeviceGetMigMode", NvmlStatus.FunctionNotFound);
        using var session = Open();
        Assert.Contains(
            "too old for this (nvmlDeviceGetMigMode",
            Assert.Throws<HostNotReadyException>(() => session.GetMigMode(s_gpu)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nvmlGpuInstanceGetInfo")]
    [InlineData("nvmlGpuInstanceDestroy")]
    [InlineData("nvmlDeviceGetGpuInstanceById")]
    [InlineData("nvmlGpuInstanceGetComputeInstances")]
    [InlineData("nvmlComputeInstanceGetInfo_v2")]
    [InlineData("nvmlComputeInstanceDestroy")]
    public void Nothing_is_made_that_could_not_be_read_back_or_undone(string missing)
    {
        _script.On("Find", arguments =>
            (string?)arguments[0] == missing ? NvmlStatus.FunctionNotFound : NvmlStatus.Success);
        _script.Gives("DeviceCreateGpuInstanceWithPlacement", new NvmlGpuInstanceHandle(70));
        _script.Gives("GpuInstanceCreateComputeInstance", new NvmlComputeInstanceHandle(80));
        using var session = Open();
        Assert.Contains(
            missing, Assert.Throws<HostNotReadyException>(
                () => session.CreateInstance(s_gpu, new ProfileId(14), new Placement(0, 1))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            missing, Assert.Throws<HostNotReadyException>(
                () => session.CreateComputeInstance(s_gpu, s_instance, new ComputeProfileId(0))).Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("DeviceCreateGpuInstanceWithPlacement", _script.Calls);
        Assert.DoesNotContain("GpuInstanceCreateComputeInstance", _script.Calls);
    }

    [Theory]
    [InlineData(true, "nvmlDeviceGetGpuInstanceProfileInfo on")]
    [InlineData(false, "nvmlDeviceGetGpuInstanceProfileInfoV on")]
    public void Failure_names_the_form_of_the_function_that_failed(bool isOld, string expected)
    {
        _script.On("DeviceGetGpuInstanceProfileInfo", arguments =>
        {
            arguments[2] = default(NvmlGpuInstanceProfile) with { IsOldForm = isOld };
            return NvmlStatus.Unknown;
        });
        using var session = Open();
        Assert.Contains(
            expected, Assert.Throws<NativeCallException>(() => session.GetProfiles(s_gpu)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "nvmlGpuInstanceGetComputeInstanceProfileInfo on")]
    [InlineData(false, "nvmlGpuInstanceGetComputeInstanceProfileInfoV on")]
    public void So_does_a_failure_of_a_compute_instance_s_profile(bool isOld, string expected)
    {
        _script.Gives("DeviceGetGpuInstanceById", new NvmlGpuInstanceHandle(70));
        _script.Gives("GpuInstanceGetInfo", new NvmlGpuInstanceInfo(3, 14, new NvmlPlacement(0, 1)));
        _script.On("GpuInstanceGetComputeInstanceProfileInfo", arguments =>
        {
            arguments[2] = default(NvmlComputeInstanceProfile) with { IsOldForm = isOld };
            return NvmlStatus.Unknown;
        });
        using var session = Open();
        Assert.Contains(
            expected,
            Assert.Throws<NativeCallException>(() => session.GetComputeProfiles(s_gpu, s_instance)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NvmlStatus.Success, NvmlStatus.Success, MigModeChange.Applied)]
    [InlineData(NvmlStatus.Success, NvmlStatus.InUse, MigModeChange.InUse)]
    [InlineData(NvmlStatus.Success, NvmlStatus.ResetRequired, MigModeChange.ResetRequired)]
    [InlineData(NvmlStatus.Success, NvmlStatus.NotSupported, MigModeChange.NotActivated)]
    [InlineData(NvmlStatus.InUse, NvmlStatus.Success, MigModeChange.InUse)]
    [InlineData(NvmlStatus.ResetRequired, NvmlStatus.Success, MigModeChange.ResetRequired)]
    public void Both_statuses_of_a_mode_change_count(NvmlStatus status, NvmlStatus activation, MigModeChange expected)
    {
        _script.On("DeviceSetMigMode", arguments =>
        {
            Assert.Equal(1u, arguments[1]);
            arguments[2] = activation;
            return status;
        });
        using var session = Open();
        Assert.Equal(expected, session.SetMigMode(s_gpu, true));
    }

    [Theory]
    [InlineData(NvmlStatus.NotSupported, typeof(HostNotReadyException))]
    [InlineData(NvmlStatus.NoPermission, typeof(AccessDeniedException))]
    public void A_refused_mode_change_says_why(NvmlStatus status, Type exception)
    {
        _script.On("DeviceSetMigMode", arguments =>
        {
            arguments[2] = NvmlStatus.Success;
            return status;
        });
        using var session = Open();
        Assert.IsType(exception, Record.Exception(() => session.SetMigMode(s_gpu, true)));
    }

    [Fact]
    public void A_type_is_found_in_the_supported_list_alone()
    {
        Types();
        using var session = Open();
        Assert.Equal(
            new VgpuType(new VgpuTypeId(689), "NVIDIA 689", "Compute", 12288, 2, null, new ProfileId(5)),
            session.FindType(s_gpu, new VgpuTypeId(689)));
        Assert.Null(session.FindType(s_gpu, new VgpuTypeId(1)));
        _script.Gives("VgpuTypeGetMaxInstancesPerGpuInstance", 12u);
        Assert.Equal([684u, 689u], session.GetTypes(s_gpu).Select(type => type.Id.Value));
        Assert.Null(session.GetTypes(s_gpu)[0].Profile);
        Assert.Equal(12, session.GetTypes(s_gpu)[0].MaxPerGpuInstance);
        _script.Gives("DeviceGetCreatableVgpus", (IReadOnlyList<uint>)[689u, 684u]);
        Assert.Equal([684u, 689u], session.GetCreatableTypes(s_gpu).Select(type => type.Value));
        _script.On("DeviceGetSupportedVgpus", NvmlStatus.NotSupported);
        using var later = Open();
        Assert.Throws<HostNotReadyException>(() => later.GetTypes(s_gpu));
    }

    [Fact]
    public void What_a_GPU_offers_is_asked_once_and_anew_after_its_MIG_mode_was_set()
    {
        Types();
        _script.Gives("DeviceGetGpuInstancePossiblePlacements", (IReadOnlyList<NvmlPlacement>)[new(0, 1)]);
        _script.Gives("DeviceSetMigMode", NvmlStatus.Success);
        using var session = Open();
        Ask();
        _script.Calls.Clear();
        Ask();
        Assert.All(_script.Calls, name => Assert.Equal("DeviceGetHandleByPciBusId", name));
        session.SetMigMode(s_gpu, enabled: true);
        Ask();
        Assert.Contains("DeviceGetSupportedVgpus", _script.Calls);
        Assert.Contains("VgpuTypeGetName", _script.Calls);
        Assert.Contains("DeviceGetGpuInstanceProfileInfo", _script.Calls);

        void Ask()
        {
            Assert.NotNull(session.FindType(s_gpu, new VgpuTypeId(689)));
            Assert.Equal(2, session.GetProfiles(s_gpu).Count);
        }
    }

    [Fact]
    public void A_vGPU_that_vanishes_between_list_and_query_is_left_out()
    {
        var mdev = MdevUuid.ForVm(new VmId(101), 0);
        _script.Gives("DeviceGetActiveVgpus", (IReadOnlyList<uint>)[12u, 10u, 11u]);
        _script.On("VgpuInstanceGetType", arguments => Set(arguments, 689u, (uint?)arguments[0] != 11));
        _script.On("VgpuInstanceGetGpuInstanceId", arguments =>
            Set(arguments, (uint?)arguments[0] == 10 ? 3u : 0xFFFFFFFF, true));
        _script.Gives("VgpuInstanceGetVmId", "vm-uuid");
        _script.On("VgpuInstanceGetMdevUuid", arguments => Set(arguments, mdev.Value, (uint?)arguments[0] == 10));
        using var session = Open();
        Assert.Equal(
            [
                new ActiveVgpu(10, new VgpuTypeId(689), "vm-uuid", mdev, s_instance),
                new ActiveVgpu(12, new VgpuTypeId(689), "vm-uuid", null, null),
            ],
            session.GetActiveVgpus(s_gpu));
        _script.On("DeviceGetActiveVgpus", NvmlStatus.NotSupported);
        Assert.Empty(session.GetActiveVgpus(s_gpu));
    }

    [Theory]
    [InlineData(NvmlStatus.Success, true)]
    [InlineData(NvmlStatus.FunctionNotFound, null)]
    [InlineData(NvmlStatus.NotSupported, null)]
    public void Mixed_sizes_are_null_where_there_is_no_such_mode(NvmlStatus status, bool? expected)
    {
        _script.On("DeviceGetVgpuHeterogeneousMode", arguments =>
        {
            arguments[1] = 1u;
            return status;
        });
        using var session = Open();
        Assert.Equal(expected, session.GetMixedSizeMode(s_gpu));
    }

    private static NvmlStatus Set(object?[] arguments, object value, bool isThere)
    {
        arguments[1] = value;
        return isThere ? NvmlStatus.Success : NvmlStatus.NotFound;
    }

    private IGpuDriverSession Open() => new NvmlGpuDriver(_api).Open();

    private void Slots(string function, params object?[] profiles) => _script.On(function, arguments =>
    {
        var slot = (int)(uint)arguments[1]!;
        if (slot >= profiles.Length)
        {
            return NvmlStatus.InvalidArgument;
        }

        arguments[2] = profiles[slot];
        return profiles[slot] is null ? NvmlStatus.NotSupported : NvmlStatus.Success;
    });

    private void Types()
    {
        _script.Gives("DeviceGetSupportedVgpus", (IReadOnlyList<uint>)[689u, 684u]);
        _script.On("VgpuTypeGetName", arguments => Set(arguments, $"NVIDIA {arguments[0]}", true));
        _script.Gives("VgpuTypeGetClass", "Compute");
        _script.Gives("VgpuTypeGetFramebufferSize", 12288UL << 20);
        _script.Gives("VgpuTypeGetMaxInstances", 2u);
        _script.On("VgpuTypeGetGpuInstanceProfileId", arguments =>
            Set(arguments, (uint?)arguments[0] == 689 ? 5u : 0xFFFFFFFF, true));
    }
}
