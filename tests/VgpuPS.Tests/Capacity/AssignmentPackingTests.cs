using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;
using Xunit;
using static VgpuPS.Tests.Capacity.AssignmentPlannerTests;

namespace VgpuPS.Tests.Capacity;

/// <summary>Several entries of one VM, and whom to stop when there is no room; places are ranked lowest
/// first.</summary>
public sealed class AssignmentPackingTests
{
    private static readonly PciAddress s_other = PciAddress.Parse("0000:ca:00.0");
    private static readonly VgpuTypeId s_quarter = new(689);
    private static readonly VgpuTypeId s_half = new(690);
    private static readonly VgpuTypeId s_whole = new(691);

    [Fact]
    public void Entries_that_fit_only_together_are_placed_together()
    {
        // Slices 0, 1 and 3 are free: one by one the quarter would take 0, and the half has no place then.
        var gpu = WithWhole(Gpu()) with { Instances = [Instance(5, 14, 2, 1)] };
        gpu = WithDevice(gpu, 9, s_quarter, 150) with { Active = [Live(150, 5, s_quarter)] };
        var plan = AssignmentPlanner.Plan(TwoEntries(gpu, s_quarter, s_half));
        var created = plan.Steps.OfType<CreateInstanceStep>().ToDictionary(s => s.Profile.Name, s => s.Placement);
        Assert.Equal(new Placement(0, 2), created["2g.12gb"]);
        Assert.Equal(new Placement(3, 1), created["1g.6gb"]);
        Assert.Equal(2, plan.Steps.OfType<AttachDeviceStep>().Count());
    }

    [Fact]
    public void An_entry_with_a_choice_leaves_the_only_GPU_of_another_to_it()
    {
        var first = WithWhole(Gpu());
        var mapped = Request(103, 0, s_whole) with
        {
            Mapping = "a30",
            Candidates = [.. Functions(first, 1), .. Functions(At(first, s_other), 1)],
        };
        var raw = Request(103, 1, s_whole) with { Entry = 1 };
        var plan = AssignmentPlanner.Plan(
            Input(first, mapped) with { Requests = [mapped, raw], Gpus = [first, At(first, s_other)] });
        Assert.Equal(
            [s_gpu, s_other], plan.Steps.OfType<CreateInstanceStep>().Select(s => s.Gpu).Order());
        Assert.Equal(raw.Candidates[0].Address, plan.Claims.Single(c => c.Entry == 1).Function);
    }

    [Fact]
    public void Entries_that_cannot_fit_together_are_refused_with_whom_to_stop_for_both()
    {
        var gpu = Busy(WithWhole(Gpu()), (101, 5u, 5u, 0, 2, s_half));
        var refusal = Refuse(TwoEntries(gpu, s_half, s_half) with { Managed = Made(gpu) });
        Assert.Contains("beside hostpci", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("qm shutdown 101; then qm start 103", refusal.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void All_VMs_in_the_way_are_named()
    {
        var gpu = Busy(WithWhole(Gpu()), (101, 5u, 5u, 0, 2, s_half), (102, 6u, 14u, 3, 1, s_quarter));
        var refusal = Refuse(Input(gpu, Request(103, 0, s_whole)) with { Managed = Made(gpu) });
        Assert.Contains(
            "stop VM 101, VM 102, which would free enough: qm shutdown 101; qm shutdown 102; then qm start 103",
            refusal.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_instance_that_the_hook_did_not_make_stays_when_its_VM_stops(bool madeComputeInstance)
    {
        var gpu = Busy(WithWhole(Gpu()), (101, 5u, 5u, 0, 2, s_half), (102, 6u, 14u, 3, 1, s_quarter));
        var created = Made(gpu).Where(m => m.Placement.Start == 0 || madeComputeInstance)
            .Select(m => m with { IsOurs = m.Placement.Start == 0 }).ToList();
        var refusal = Refuse(Input(gpu, Request(103, 0, s_whole)) with { Managed = created });
        Assert.Contains(
            "stopping VMs does not free enough capacity", refusal.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("qm shutdown", refusal.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_goes_where_the_hook_never_reclaims()
    {
        var gpu = Busy(WithWhole(Gpu()), (101, 5u, 5u, 0, 2, s_half));
        var input = Input(gpu, Request(103, 0, s_whole)) with
        {
            Managed = Made(gpu),
            Settings = new HookSettings { Reclaim = ReclaimPolicy.Never },
        };
        Assert.Contains(
            "stopping VMs does not free enough capacity", Refuse(input).RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_on_an_instance_that_somebody_else_made_is_freed_by_its_VM()
    {
        var gpu = Busy(WithWhole(Gpu()), (101, 5u, 5u, 0, 2, s_half), (102, 6u, 5u, 2, 2, s_half));
        var refusal = Refuse(Input(gpu, Request(103, 0, s_half)));
        Assert.Contains("qm shutdown 101; then qm start 103", refusal.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_that_fits_elsewhere_need_only_be_stopped_and_started()
    {
        var (input, claim) = TwoHalfFullGpus();
        Assert.Contains(
            "qm shutdown 101; qm start 103; qm start 101", Refuse(input with { Claims = [claim] }).RecommendedAction,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_that_may_not_use_the_other_GPU_is_stopped_for_good()
    {
        var (input, claim) = TwoHalfFullGpus();
        var pinned = claim with { Candidates = [.. claim.Candidates.Take(1)] };
        Assert.Contains(
            "which would free enough: qm shutdown 101; then qm start 103",
            Refuse(input with { Claims = [pinned] }).RecommendedAction, StringComparison.Ordinal);
    }

    /// <summary>VM 101 has a quarter of the first GPU and may use both; VM 103 wants the whole first GPU.</summary>
    private static (AssignmentInput Input, VgpuClaim Claim) TwoHalfFullGpus()
    {
        var first = Busy(WithWhole(Gpu()), (101, 5u, 14u, 1, 1, s_quarter));
        var second = At(WithWhole(Gpu()), s_other);
        var own = first.Functions.First(f => f.Devices.Count > 0).Address;
        var claim = new VgpuClaim(
            new VmId(101), 0, s_quarter, ClaimState.Live, [own, second.Functions[0].Address], own,
            MdevUuid.ForVm(new VmId(101), 0), false, 0);
        var input = Input(first, Request(103, 0, s_whole)) with { Gpus = [first, second], Managed = Made(first) };
        return (input, claim);
    }

    private static CapacityException Refuse(AssignmentInput input)
    {
        var refusal = Assert.Throws<CapacityException>(() => AssignmentPlanner.Plan(input));
        Assert.Equal(ErrorIds.NoFreePlacement, refusal.ErrorId);
        return refusal;
    }

    private static AssignmentInput TwoEntries(GpuState gpu, VgpuTypeId first, VgpuTypeId second)
    {
        var request = Request(103, 0, first);
        return Input(gpu, request) with { Requests = [request, Request(103, 1, second) with { Entry = 1 }] };
    }

    private static GpuState WithWhole(GpuState gpu) => gpu with
    {
        Types = gpu.Types.Values.Append(
            new VgpuType(s_whole, "NVIDIA A30-4-24C", "Compute", 24576, 1, null, new ProfileId(0)))
            .ToDictionary(t => t.Id),
    };

    /// <summary>Running VMs, each on an instance of its own: VM, instance, profile, start, size, type.</summary>
    private static GpuState Busy(
        GpuState gpu, params (int Vm, uint Instance, uint Profile, int Start, int Size, VgpuTypeId Type)[] all) =>
        all.Aggregate(gpu, (g, x) => WithDevice(g, 8 + x.Start, x.Type, x.Vm) with
        {
            Instances = [.. g.Instances, Instance(x.Instance, x.Profile, x.Start, x.Size)],
            Active = [.. g.Active, Live(x.Vm, x.Instance, x.Type)],
        });

    private static ActiveVgpu Live(int vm, uint instance, VgpuTypeId type) => Active(vm, instance) with { Type = type };

    private static List<ManagedInstance> Made(GpuState gpu) =>
        [.. gpu.Instances.Select(i => new ManagedInstance(gpu.Address, i.Profile, i.Placement, i.Id, true, null))];

    private static GpuState At(GpuState gpu, PciAddress address) => gpu with
    {
        Gpu = gpu.Gpu with { Address = address },
        Functions = [.. gpu.Functions.Select(f => f with { Address = address.Plus(4 + f.Index), Parent = address })],
    };

    private static IEnumerable<CandidateFunction> Functions(GpuState gpu, int count) =>
        gpu.Functions.Take(count).Select(f => new CandidateFunction(f.Address, gpu.Address));
}
