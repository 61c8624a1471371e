using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;
using Xunit;

namespace VgpuPS.Tests.Capacity;

/// <summary>What a start needs on an A30 (profiles and types of facts/mig-profiles.json and vgpu-types.json).</summary>
public sealed class AssignmentPlannerTests
{
    internal static readonly PciAddress s_gpu = PciAddress.Parse("0000:4b:00.0");
    private static readonly VgpuTypeId s_half = new(690);
    private static readonly VgpuTypeId s_quarter = new(689);
    private static readonly VgpuTypeId s_timeSliced6 = new(685);
    private static readonly VgpuTypeId s_timeSliced12 = new(687);

    [Fact]
    public void A_fresh_start_creates_instance_and_device()
    {
        var plan = AssignmentPlanner.Plan(Input(Gpu(), Request(101, 0, s_half)));
        var created = Assert.IsType<CreateInstanceStep>(plan.Steps[0]);
        Assert.Equal(("2g.12gb", new Placement(0, 2), true),
            (created.Profile.Name, created.Placement, created.WithComputeInstance));
        var device = Assert.IsType<AttachDeviceStep>(plan.Steps[1]);
        Assert.Equal(Function(0), device.Function);
        Assert.Equal(Function(0), Assert.Single(plan.Claims).Function);
    }

    [Fact]
    public void An_instance_with_capacity_is_used_and_none_is_made()
    {
        var gpu = Gpu() with { Instances = [Instance(1, 5, 0, 2)] };
        var plan = AssignmentPlanner.Plan(Input(gpu, Request(101, 0, s_half)));
        Assert.IsType<AttachDeviceStep>(Assert.Single(plan.Steps));
    }

    [Fact]
    public void A_second_run_finds_everything_there()
    {
        var gpu = WithDevice(Gpu() with { Instances = [Instance(1, 5, 0, 2)] }, 0, s_half, 101);
        var plan = AssignmentPlanner.Plan(Input(gpu, Request(101, 0, s_half)) with { OwnDevices = Devices(gpu) });
        Assert.True(Assert.IsType<AttachDeviceStep>(Assert.Single(plan.Steps)).IsThere);
    }

    [Fact]
    public void An_orphaned_device_of_another_type_goes_first()
    {
        var gpu = WithDevice(Gpu() with { Instances = [Instance(3, 14, 0, 1)] }, 0, s_quarter, 101);
        var plan = AssignmentPlanner.Plan(Input(gpu, Request(101, 0, s_half)) with { OwnDevices = Devices(gpu) });
        Assert.IsType<RemoveOrphanStep>(plan.Steps[0]);
        Assert.Equal(new Placement(2, 2), Assert.IsType<CreateInstanceStep>(plan.Steps[1]).Placement);
        Assert.False(Assert.IsType<AttachDeviceStep>(plan.Steps[2]).IsThere);
    }

    [Fact]
    public void A_full_GPU_is_refused_with_who_holds_what_and_whom_to_stop()
    {
        var gpu = Gpu() with { Instances = [Instance(1, 5, 0, 2), Instance(2, 5, 2, 2)] };
        gpu = WithDevice(WithDevice(gpu, 0, s_half, 101), 1, s_half, 102) with
        {
            Active = [Active(101, 1), Active(102, 2)],
        };
        var refusal = Assert.Throws<CapacityException>(
            () => AssignmentPlanner.Plan(Input(gpu, Request(103, 2, s_half))));
        Assert.Equal(ErrorIds.NoFreePlacement, refusal.ErrorId);
        Assert.Contains("2g.12gb at 0:2 (VM 101)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("qm shutdown 101", refusal.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Capacity_pending_for_a_VM_that_comes_back_is_not_given_away()
    {
        var gpu = Gpu() with { Instances = [Instance(1, 5, 0, 2), Instance(2, 5, 2, 2)] };
        gpu = WithDevice(gpu, 0, s_half, 101) with { Active = [Active(101, 1)] };
        var held = new VgpuClaim(new VmId(102), 0, s_half, ClaimState.Held, [Function(1)], null, null, false, 1000);
        var input = Input(gpu, Request(103, 2, s_half)) with { Claims = [held] };
        Assert.Throws<CapacityException>(() => AssignmentPlanner.Plan(input));
        Assert.NotEmpty(AssignmentPlanner.Plan(input with { Claims = [] }).Steps);
    }

    [Fact]
    public void Functions_that_are_off_are_enabled_after_MIG_mode_and_the_rest_is_planned_then()
    {
        var gpu = Gpu() with
        {
            Functions = [],
            Gpu = Physical(enabled: 0),
            Mig = new MigMode(false, false),
        };
        var input = Input(gpu, Request(101, 0, s_half));
        var plan = AssignmentPlanner.Plan(
            input with { Settings = new HookSettings { MigMode = MigModePolicy.WhenIdle } });
        Assert.Collection(
            plan.Steps, s => Assert.IsType<EnableMigModeStep>(s), s => Assert.IsType<EnableFunctionsStep>(s));
        var refusal = Assert.Throws<HostNotReadyException>(() => AssignmentPlanner.Plan(input));
        Assert.Equal(ErrorIds.MigModeMismatch, refusal.ErrorId);
    }

    [Fact]
    public void Functions_are_not_enabled_over_existing_instances()
    {
        var gpu = Gpu() with { Functions = [], Gpu = Physical(enabled: 0), Instances = [Instance(1, 5, 0, 2)] };
        var refusal = Assert.Throws<HostNotReadyException>(
            () => AssignmentPlanner.Plan(Input(gpu, Request(101, 0, s_half))));
        Assert.Equal(ErrorIds.SriovNotReady, refusal.ErrorId);
        Assert.Contains("GPU instance 1 (2g.12gb at 0:2)", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(685u, true, typeof(HostNotReadyException))]
    [InlineData(690u, false, typeof(HostNotReadyException))]
    [InlineData(4711u, true, typeof(ObjectNotFoundException))]
    public void A_type_that_does_not_go_with_the_GPU_is_refused(uint type, bool mig, Type refusal)
    {
        var gpu = Gpu() with { Mig = new MigMode(mig, mig) };
        Assert.Throws(refusal, () => AssignmentPlanner.Plan(Input(gpu, Request(101, 0, new VgpuTypeId(type)))));
    }

    [Fact]
    public void Time_sliced_vGPUs_of_another_size_are_refused()
    {
        var gpu = WithDevice(Gpu() with { Mig = new MigMode(false, false) }, 0, s_timeSliced6, 101);
        Assert.NotEmpty(AssignmentPlanner.Plan(Input(gpu, Request(102, 1, s_timeSliced6))).Steps);
        var refusal = Assert.Throws<CapacityException>(
            () => AssignmentPlanner.Plan(Input(gpu, Request(102, 1, s_timeSliced12))));
        Assert.Equal(ErrorIds.TypeNotCreatable, refusal.ErrorId);
    }

    [Theory]
    [InlineData("vfio-pci", typeof(HostNotReadyException))]
    [InlineData(null, typeof(HostNotReadyException))]
    public void A_function_of_another_driver_is_refused(string? driver, Type refusal)
    {
        var gpu = Gpu();
        gpu = gpu with { Functions = [.. gpu.Functions.Select(f => f with { Driver = driver })] };
        Assert.Throws(refusal, () => AssignmentPlanner.Plan(Input(gpu, Request(101, 0, s_half))));
    }

    [Fact]
    public void A_function_that_another_VM_reserved_is_refused_and_named()
    {
        var input = Input(Gpu(), Request(101, 0, s_half)) with
        {
            Reservations = [new FunctionReservation(Function(0), new VmId(222), IsHeld: true)],
        };
        var refusal = Assert.Throws<ResourceBusyException>(() => AssignmentPlanner.Plan(input));
        Assert.Contains("VM 222", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_that_comes_back_finds_capacity_wherever_Proxmox_places_it()
    {
        var gpu = Gpu(VgpuBackend.VendorVfio) with { Instances = [Instance(1, 5, 0, 2)] };
        var mapped = Mapped(102, s_half);
        var other = new VgpuClaim(
            new VmId(101), 0, s_half, ClaimState.Held, [.. mapped.Candidates.Select(c => c.Address)], null, null, false,
            0);
        var plan = AssignmentPlanner.Plan(Input(gpu, mapped) with { Claims = [other] });
        Assert.Equal(new Placement(2, 2), Assert.IsType<CreateInstanceStep>(plan.Steps[0]).Placement);
        Assert.Equal(Function(0), Assert.IsType<AttachDeviceStep>(plan.Steps[1]).Function);
    }

    [Fact]
    public void A_mapped_start_names_the_first_function_that_it_may_have_and_the_ones_behind()
    {
        var gpu = Gpu(VgpuBackend.VendorVfio) with { Instances = [Instance(1, 5, 0, 2)] };
        var plan = AssignmentPlanner.Plan(Input(gpu, Mapped(102, s_half)) with
        {
            Reservations = [new FunctionReservation(Function(0), new VmId(101), IsHeld: true)],
        });
        var step = Assert.IsType<AttachDeviceStep>(Assert.Single(plan.Steps));
        Assert.Equal([Function(1), Function(2), Function(3)], step.Alternatives);
        var claim = Assert.Single(plan.Claims);
        Assert.Equal((Function(1), 4, true), (claim.Function, claim.Candidates.Count, claim.Reserved));
    }

    private static VmVgpuRequest Mapped(int vm, VgpuTypeId type) => Request(vm, 0, type) with
    {
        Mapping = "a30",
        Candidates = [.. Enumerable.Range(0, 4).Select(i => new CandidateFunction(Function(i), s_gpu))],
    };

    internal static PciAddress Function(int index) => s_gpu.Plus(4 + index);

    internal static PhysicalFunction Physical(int enabled) =>
        new(s_gpu, 0x20b7, "nvidia", null, 16, enabled, 4, 1, HasMediatedTypes: false);

    internal static GpuState Gpu(VgpuBackend backend = VgpuBackend.Mdev)
    {
        var functions = Enumerable.Range(0, 16).Select(i => new VirtualFunction(
            Function(i), s_gpu, i, "nvidia", 20 + i, backend, null, [])).ToList();
        VgpuType[] types =
        [
            new(s_quarter, "NVIDIA A30-1-6C", "Compute", 6144, 4, null, new ProfileId(14)),
            new(s_half, "NVIDIA A30-2-12C", "Compute", 12288, 2, null, new ProfileId(5)),
            new(s_timeSliced6, "NVIDIA A30-6C", "Compute", 6144, 4, null, null),
            new(s_timeSliced12, "NVIDIA A30-12C", "Compute", 12288, 2, null, null),
        ];
        return new GpuState(
            Physical(enabled: 16), new GpuUuid("GPU-1"), "NVIDIA A30", new MigMode(true, true), false,
            [Profile(14, "1g.6gb", 1, 4), Profile(5, "2g.12gb", 2, 2), Profile(0, "4g.24gb", 4, 1)], [],
            functions, [], types.ToDictionary(t => t.Id));
    }

    internal static GpuInstanceProfile Profile(uint id, string name, int size, int count) => new(
        new ProfileId(id), name, size, size * 6000, size * 14, count, EngineCounts.None,
        [.. Enumerable.Range(0, count).Select(i => new Placement(i * size, size))]);

    internal static GpuInstance Instance(uint id, uint profile, int start, int size) => new(
        new GpuInstanceId(id), new ProfileId(profile), new Placement(start, size),
        [new ComputeInstance(new ComputeInstanceId(0), new ComputeProfileId(1))]);

    internal static ActiveVgpu Active(int vm, uint instance) => new(
        (uint)vm, s_half, "", MdevUuid.ForVm(new VmId(vm), 0), new GpuInstanceId(instance));

    internal static GpuState WithDevice(GpuState gpu, int index, VgpuTypeId type, int vm) => gpu with
    {
        Functions = [.. gpu.Functions.Select(f => f.Index != index ? f : f with
        {
            Devices = [new MediatedDevice(MdevUuid.ForVm(new VmId(vm), 0), type, f.Address)],
        })],
    };

    internal static List<MediatedDevice> Devices(GpuState gpu) => [.. gpu.Functions.SelectMany(f => f.Devices)];

    internal static VmVgpuRequest Request(int vm, int function, VgpuTypeId type) => new(
        new VmId(vm), 0, [new CandidateFunction(Function(function), s_gpu)], type, null);

    internal static AssignmentInput Input(GpuState gpu, VmVgpuRequest request) => new()
    {
        Vm = request.Vm,
        Requests = [request],
        Gpus = [gpu],
        Claims = [],
        Reservations = [],
        OwnDevices = [],
        Settings = new HookSettings(),
        RankPlacements = FirstFit,
    };

    /// <summary>Lowest start first: the tests are about what is planned, not about which place is cheapest.</summary>
    internal static IReadOnlyList<PlacementChoice> FirstFit(string name, IReadOnlyList<GpuState> gpus) =>
        [.. gpus.SelectMany(g => g.Profiles.Where(p => p.Name == name).SelectMany(p => p.Placements
            .Where(w => !g.Instances.Any(i => i.Placement.Overlaps(w)))
            .Select(w => new PlacementChoice(g.Address, p, w, "first"))))];
}
