using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

/// <summary>
/// Decides what a start needs: which orphaned objects go, whether MIG mode and functions must be enabled, which GPU
/// instance
/// is made where, and which device is the hook's to make. Pure; refuses before anything is touched.
/// </summary>
/// <remarks>
/// When the plan changes which functions exist, it is executed so far and made again from what is there then: only then
/// the back end and the functions are known (facts/host-behaviour.md 0).
/// </remarks>
public sealed partial class AssignmentPlanner
{
    private readonly AssignmentInput _input;
    private readonly ProjectedHost _host;
    private readonly List<PlanStep> _steps = [];
    private readonly List<VgpuClaim> _claims = [];
    private readonly IReadOnlyList<VmVgpuRequest> _toPack;
    private readonly Dictionary<int, (PciAddress Gpu, Placement Window)> _packed = [];
    private readonly List<VmVgpuRequest> _needing = [];
    private readonly Dictionary<int, CandidateFunction> _own = [];
    private VmVgpuRequest? _failed;

    private AssignmentPlanner(AssignmentInput input, IReadOnlyList<VmVgpuRequest> toPack)
    {
        _input = input;
        _toPack = toPack;
        _host = new ProjectedHost(input);
    }

    /// <summary>Makes the plan.</summary>
    /// <exception cref="VgpuException">The start cannot be served; names the reason and what to do.</exception>
    public static StartPlan Plan(AssignmentInput input)
    {
        var planner = new AssignmentPlanner(input, []);
        planner.CheckLimits();
        planner.CheckClosed();
        planner.Prepare();
        if (planner._steps.Exists(s => s.ChangesFunctions))
        {
            planner.ClaimAll();
            return new StartPlan(planner._steps, planner._claims);
        }

        planner.AssignAll();
        if (planner._needing.Count > 1)
        {
            // One by one, the best place for one entry may be the only one for another.
            var packed = new AssignmentPlanner(input, planner._needing);
            packed.Prepare();
            packed.AssignAll();
            planner = packed._failed is null || planner._failed is not null ? packed : planner;
        }

        return planner._failed is { } failed ? throw planner.RefuseCapacity(failed)
            : new StartPlan(planner._steps, planner._claims);
    }

    /// <summary>Refuses more vGPUs, or others together, than one VM may have; a type that no GPU reports yet is looked
    /// at again once functions are enabled.</summary>
    private void CheckLimits()
    {
        var vgpus = _input.Requests.Select(r => (Request: r, Type: FindType(r))).Where(r => r.Type is not null)
            .Select(r => new VmVgpu(r.Request.Name, r.Type!)).ToList();
        if (VmVgpuLimits.Find(vgpus, AreOfOneBoard) is { } breach)
        {
            throw breach.ToException(
                $"VM {_input.Vm} requests {vgpus.Count} vGPUs ({string.Join(", ", vgpus)})",
                $"remove one: qm set {_input.Vm} --delete {breach.Excess.Entry}; or choose other types: vgpu-hook show",
                _input.Vm);
        }
    }

    /// <summary>Refuses while a vGPU of the VM's last run is open: QEMU could not open it.</summary>
    private void CheckClosed()
    {
        if (_input.IsRunning
            || _host.Gpus.SelectMany(g => g.Active.Where(a => FindVm(a) == _input.Vm).Select(a => (Gpu: g, Vgpu: a)))
            .ToList() is not [var (gpu, vgpu), ..])
        {
            return;
        }

        throw new ResourceBusyException(
            ErrorIds.VgpuStillOpen,
            $"the vGPU of VM {_input.Vm}'s last run is still open, although the VM does not run: {NameOf(vgpu.Type)} "
                + $"on GPU {gpu.Address} ({gpu.Model})"
                + (vgpu.MdevUuid is { } uuid ? $", mediated device {uuid}" : ""),
            $"wait until it is closed, and see what has it open: qm status {_input.Vm}; fuser -v /dev/vfio/*; "
                + $"journalctl -b -u nvidia-vgpu-mgr; then: qm start {_input.Vm}",
            gpu.Address.ToString());
    }

    private VgpuType? FindType(VmVgpuRequest request) => request.Candidates.Select(c => c.Gpu).Distinct()
        .Select(g => _host[g].FindType(request.Type)).FirstOrDefault(t => t is not null);

    private bool AreOfOneBoard(VgpuType one, VgpuType other) =>
        _host.Gpus.Any(g => g.Types.ContainsKey(one.Id) && g.Types.ContainsKey(other.Id));

    private void Prepare()
    {
        RemoveOrphans();
        foreach (var request in _input.Requests)
        {
            PrepareGpus(request);
        }
    }

    private void AssignAll()
    {
        Pack();
        foreach (var request in _input.Requests)
        {
            Assign(request);
        }
    }

    private void Assign(VmVgpuRequest request)
    {
        if (FindOwnDevice(request) is { } own)
        {
            Adopt(request, own);
            return;
        }

        var usable = FindUsable(request);
        var order = InProxmoxOrder(request, usable);
        var start = new PendingStart(request.Vm, request.Type, order);
        if (!order.Exists(_host.Capacity.IsFree) && FindPreset(request, order) is null)
        {
            throw RefuseFunctions(request, usable);
        }

        if (FindPresetBefore(request, order) is { } preset)
        {
            Adopt(request, preset);
            return;
        }

        if (TryConverge(request, start, _host.Capacity))
        {
            return;
        }

        var created = TryFreeCapacity(request, start, usable);
        if (!created && FindPreset(request, order) is { } last)
        {
            Adopt(request, last);
            return;
        }

        if (usable.Any(c => TypeOn(c.Gpu, request).IsMigBacked))
        {
            _needing.Add(request);
        }

        _failed = created ? _failed : _failed ?? request;
    }

    /// <summary>Takes the place that the capacity offers, if it suffices whatever order others finish in.</summary>
    private bool TryConverge(VmVgpuRequest request, PendingStart start, HostCapacity capacity)
    {
        if (capacity.FindPlacement(start) is not { } function || !WouldConverge(start, capacity))
        {
            return false;
        }

        var gpu = request.Candidates.First(c => c.Address == function).Gpu;
        var type = TypeOn(gpu, request);
        // A pending start may come first and leave it another instance; where others sit may be a guess.
        var isExecutable = _host.Pending.Count == 0 && !_host.HasUnknownPlaces(gpu);
        AddMissingComputeInstances(request, gpu, isExecutable ? capacity[gpu].FindInstance(type) : null);
        var alternatives = start.Candidates.Where(
            f => capacity.IsFree(f) && request.Candidates.Any(c => c.Address == f && c.Gpu == gpu)).ToList();
        _steps.Add(new AttachDeviceStep(gpu, function, type, request, IsThere: false)
        {
            Alternatives = alternatives,
            IsReservedOnly = IsWalkedOver(request, function),
        });
        _claims.Add(Claim(request, function));

        // A later entry of the same VM comes after this one, so it is as good as done.
        _host.Capacity.TryPlace(start);
        return true;
    }

    /// <summary>Creates GPU instances, best place first, until the start and everybody before it are served.</summary>
    private bool TryFreeCapacity(VmVgpuRequest request, PendingStart start, IReadOnlyList<CandidateFunction> usable)
    {
        if (usable.All(c => !TypeOn(c.Gpu, request).IsMigBacked))
        {
            return false;
        }

        var gpus = usable.Select(c => c.Gpu).Distinct().Select(g => _host[g]).Where(g => g.MigIsOn).ToList();
        foreach (var choice in Rank(request, gpus))
        {
            var trial = _host.Capacity.Clone();
            trial[choice.Gpu].AddInstance(choice.Profile.Id);
            var before = _steps.Count;
            _steps.Add(new CreateInstanceStep(
                choice.Gpu, choice.Profile, choice.Placement,
                _input.Settings.ComputeInstance == ComputeInstancePolicy.Full, choice.Reason));
            if (WouldConverge(start, trial))
            {
                _host.AddInstance(choice);
                return TryConverge(request, start, _host.Capacity);
            }

            _steps.RemoveRange(before, _steps.Count - before);
        }

        return TryFreeCapacityForAll(request, start, gpus);
    }

    private bool WouldConverge(PendingStart start, HostCapacity capacity)
    {
        var after = capacity.Clone();
        return after.TryPlace(start) && _host.SufficesForAll(after);
    }

    /// <summary>
    /// One instance does not suffice where pending starts may be placed in several places: adds more while there is a
    /// place,
    /// and gives up when all places are used.
    /// </summary>
    private bool TryFreeCapacityForAll(VmVgpuRequest request, PendingStart start, IReadOnlyList<GpuState> gpus)
    {
        if (_host.Pending.Count == 0)
        {
            return false;
        }

        var choices = new List<PlacementChoice>();
        var trial = _host.Capacity.Clone();
        var states = gpus;
        for (var more = 0; more <= _host.Pending.Count; more++)
        {
            if (Rank(request, states).FirstOrDefault() is not { } choice)
            {
                return false;
            }

            choices.Add(choice);
            trial[choice.Gpu].AddInstance(choice.Profile.Id);
            states = [.. states.Select(g => g.Address != choice.Gpu ? g : g with
            {
                Instances = [.. g.Instances,
                    new GpuInstance(new GpuInstanceId(uint.MaxValue), choice.Profile.Id, choice.Placement, [])],
            })];
            if (choices.Count > 1 && WouldConverge(start, trial))
            {
                foreach (var created in choices)
                {
                    _steps.Add(new CreateInstanceStep(
                        created.Gpu, created.Profile, created.Placement,
                        _input.Settings.ComputeInstance == ComputeInstancePolicy.Full, created.Reason));
                    _host.AddInstance(created);
                }

                return TryConverge(request, start, _host.Capacity);
            }
        }

        return false;
    }

    private IReadOnlyList<PlacementChoice> Rank(VmVgpuRequest request, IReadOnlyList<GpuState> gpus)
    {
        var profile = gpus.Select(g => g.FindProfile(TypeOn(g.Address, request).Profile ?? default))
            .OfType<GpuInstanceProfile>().FirstOrDefault();
        return profile is null ? [] : PackedFirst(request, _input.RankPlacements(profile.Name, gpus));
    }

    /// <summary>
    /// Fills the instance that the vGPU will sit on, or all that wait for a vGPU where any of them may be it. One with
    /// a vGPU on it is left alone.
    /// </summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 3: the host must not create a compute instance in a GPU instance that a running
    /// VM uses; its guest makes its own.
    /// </remarks>
    private void AddMissingComputeInstances(VmVgpuRequest request, PciAddress gpu, GpuInstanceId? only)
    {
        var state = _host[gpu];
        if (_input.Settings.ComputeInstance != ComputeInstancePolicy.Full || !state.MigIsOn
            || state.Types.GetValueOrDefault(request.Type)?.Profile is not { } profile)
        {
            return;
        }

        var taken = state.Active.Select(a => a.GpuInstance).ToHashSet();
        foreach (var instance in state.Instances.Where(i => i.Profile == profile && i.ComputeInstances.Count == 0
            && !taken.Contains(i.Id) && (only is null || i.Id == only)))
        {
            if (!_steps.OfType<CreateInstanceStep>().Any(s => s.Gpu == gpu && s.Placement == instance.Placement)
                && !_steps.OfType<CreateComputeInstanceStep>().Any(s => s.Gpu == gpu && s.Instance == instance))
            {
                _steps.Add(new CreateComputeInstanceStep(gpu, instance));
            }
        }
    }

    private void ClaimAll() => _claims.AddRange(_input.Requests.Select(r => Claim(r, null)));

    /// <summary>
    /// The claim of an entry. With vendor VFIO it keeps all candidates: Proxmox may take an earlier one that becomes
    /// usable.
    /// </summary>
    private VgpuClaim Claim(VmVgpuRequest request, PciAddress? function)
    {
        var isReserved = function is { } known && IsVendorVfio(known);
        return new VgpuClaim(
            request.Vm, request.Entry, request.Type, ClaimState.Pending,
            function is { } f && !isReserved ? [f] : [.. request.Candidates.Select(c => c.Address)],
            function, null, isReserved, HeldUntil: 0);
    }
}

/// <summary>A place that the planner would give to a GPU instance.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Placement">Where on the GPU.</param>
/// <param name="Reason">Its cost and the runner-up, as a sentence.</param>
public sealed record PlacementChoice(PciAddress Gpu, GpuInstanceProfile Profile, Placement Placement, string Reason)
{
    /// <summary>Its price; the lowest is best.</summary>
    public double Cost { get; init; }
}

/// <summary>What a start needs: steps in order, and the claims that cover them.</summary>
/// <param name="Steps">Steps in order; none where everything is there and nothing needs checking.</param>
/// <param name="Claims">One claim for each vGPU of the VM.</param>
public sealed record StartPlan(IReadOnlyList<PlanStep> Steps, IReadOnlyList<VgpuClaim> Claims);

/// <summary>
/// A vGPU that is reserved and not created yet, because Proxmox chooses its function or its VM is coming back.
/// </summary>
/// <param name="Vm">The VM.</param>
/// <param name="Type">The vGPU type.</param>
/// <param name="Candidates">Functions in the order in which Proxmox tries them.</param>
public sealed record PendingStart(VmId Vm, VgpuTypeId Type, IReadOnlyList<PciAddress> Candidates);
