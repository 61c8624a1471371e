namespace VgpuPS.Core.Capacity;

/// <summary>The host as a plan leaves it, step by step: what was read, and what the steps so far would add.</summary>
internal sealed class ProjectedHost
{
    private const uint FirstPlannedId = 1u << 30;

    private readonly Dictionary<PciAddress, GpuState> _gpus;
    private readonly HashSet<PciAddress> _predicted = [];
    private readonly AssignmentInput _input;
    private uint _planned;

    public ProjectedHost(AssignmentInput input)
    {
        _input = input;
        _gpus = input.Gpus.ToDictionary(g => g.Address);
        Pending = PendingStarts.Find(input.Gpus, input.Claims.Where(c => c.Vm != input.Vm));
        Capacity = Build();
        Lost = StartInterleavings.FindStarved(Capacity, Pending);
    }

    /// <summary>Capacity and free functions.</summary>
    public HostCapacity Capacity { get; private set; }

    /// <summary>Starts of other VMs with a pending allocation of a vGPU.</summary>
    public IReadOnlyList<PendingStart> Pending { get; }

    /// <summary>Those that would lose out in some order even without this start.</summary>
    public IReadOnlySet<PendingStart> Lost { get; }

    public IReadOnlyCollection<GpuState> Gpus => _gpus.Values;

    public GpuState this[PciAddress gpu] => _gpus[gpu];

    public VirtualFunction? FindFunction(CandidateFunction candidate) =>
        _gpus[candidate.Gpu].Functions.FirstOrDefault(f => f.Address == candidate.Address);

    /// <summary>Whether a GPU carries vGPUs whose GPU instance is unknown, as their VMs do not run yet.</summary>
    public bool HasUnknownPlaces(PciAddress gpu) => GpuCapacity.Occupants(_gpus[gpu]).Any(o => o.Instance is null);

    /// <summary>Whether a step so far makes the function exist.</summary>
    public bool WillExist(PciAddress function) => _predicted.Contains(function);

    public void TurnMigOn(PciAddress gpu)
    {
        _gpus[gpu] = _gpus[gpu] with { Mig = new MigMode(true, true) };
        Capacity[gpu].TurnMigOn();
    }

    public void EnableFunctions(IEnumerable<PciAddress> wanted)
    {
        _predicted.UnionWith(wanted);
        Capacity = Build();
    }

    public void AddInstance(PlacementChoice choice)
    {
        var gpu = _gpus[choice.Gpu];
        var instance = new GpuInstance(
            new GpuInstanceId(FirstPlannedId + _planned++), choice.Profile.Id, choice.Placement, []);
        _gpus[choice.Gpu] = gpu with { Instances = [.. gpu.Instances, instance] };
        Capacity[choice.Gpu].AddInstance(choice.Profile.Id);
    }

    /// <summary>Removes an orphaned object of this VM, so that its capacity is available again.</summary>
    public void Clear(PciAddress gpu, PciAddress function, MdevUuid? uuid)
    {
        var state = _gpus[gpu];
        _gpus[gpu] = state with
        {
            Creatable = null,
            Functions = [.. state.Functions.Select(f => f.Address != function ? f : f with
            {
                CurrentType = uuid is null ? null : f.CurrentType,
                Devices = [.. f.Devices.Where(d => d.Uuid != uuid)],
            })],
        };
        Capacity = Build();
    }

    /// <summary>
    /// Whether, with <paramref name="capacity"/>, no start loses that would not have lost anyway, whatever the order in
    /// which the
    /// pending starts finish.
    /// </summary>
    public bool SufficesForAll(HostCapacity capacity) =>
        StartInterleavings.FindStarved(capacity, Pending).All(Lost.Contains);

    private HostCapacity Build()
    {
        // What is reserved for a pending start is free for that start.
        var held = _input.Reservations.Where(r => r.IsHeld && r.Vm != _input.Vm
            && !Pending.Any(p => p.Vm == r.Vm && p.Candidates.Contains(r.Function))).Select(r => r.Function)
            .ToHashSet();
        var expected = _input.Requests.SelectMany(r => r.Candidates).Where(c => _predicted.Contains(c.Address))
            .DistinctBy(c => c.Address).ToDictionary(c => c.Address, c => c.Gpu);
        return PendingStarts.ReadCapacity(_gpus.Values, held, expected);
    }
}
