using System.Text;
using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Simulation;

/// <summary>
/// The host as starts of VMs would leave it, one after the other: each is planned by the hook's own planner from what
/// the ones before it leave. Nothing is changed.
/// </summary>
internal sealed class StartSimulation
{
    // A plan that enables functions or MIG mode ends there, and is made again from what is there then.
    private const int MaxRounds = 4;

    private readonly HostPorts _host;
    private readonly HookSettings _settings;
    private readonly SharedInputs _shared;
    private readonly IReadOnlySet<PciAddress> _migByLayout;
    private readonly IReadOnlyDictionary<string, VmId> _vmsByUuid;
    private ClaimFile _file;
    private List<FunctionReservation> _reservations;

    private StartSimulation(
        HostPorts host, HookSettings settings, SharedInputs shared, ClaimFile file, IReadOnlyList<GpuState> gpus,
        IReadOnlyList<FunctionReservation> reservations)
    {
        (_host, _settings, _shared, _file) = (host, settings, shared, file);
        _reservations = [.. reservations];
        _migByLayout = StartReader.FindMigByLayout(host, gpus);
        _vmsByUuid = StartReader.FindVmsByUuid(host, gpus);
        Gpus = gpus;
    }

    private StartSimulation(StartSimulation other)
    {
        (_host, _settings, _shared, _file) = (other._host, other._settings, other._shared, other._file);
        _reservations = [.. other._reservations];
        (_migByLayout, _vmsByUuid) = (other._migByLayout, other._vmsByUuid);
        (Gpus, Memory) = (other.Gpus, other.Memory);
    }

    /// <summary>The hook's settings.</summary>
    public HookSettings Settings => _settings;

    /// <summary>GPUs that answer, ascending address, as the starts so far leave them.</summary>
    public IReadOnlyList<GpuState> Gpus { get; private set; }

    /// <summary>Memory that is left; null where the kernel does not say.</summary>
    public HostMemory? Memory { get; private set; }

    /// <summary>Starts of other VMs whose vGPU is not there yet.</summary>
    public IReadOnlyList<PendingStart> Pending => PendingStarts.Find(Gpus, _file.Claims);

    /// <summary>The VM of a running vGPU, whose own UUID its configuration may name; null where no VM has it.</summary>
    public VmId? FindVm(ActiveVgpu vgpu) => vgpu.FindVm(_vmsByUuid);

    /// <summary>Whether a VM is about to start: it has a claim, and does not run.</summary>
    public bool IsPending(VmId vm) => _file.Claims.Any(c => c.Vm == vm && c.State != ClaimState.Live);

    /// <summary>Functions that a VM holds, by Proxmox's reservation or by a claim; on a GPU without functions several
    /// VMs have claims.</summary>
    public IReadOnlySet<PciAddress> Held => _reservations.Where(r => r.IsHeld).Select(r => r.Function)
        .Concat(_file.Claims.Select(c => c.Function).OfType<PciAddress>().Where(f => Gpus.All(g => g.Address != f)))
        .ToHashSet();

    /// <summary>What decides beside a GPU itself how many vGPUs it takes.</summary>
    /// <param name="gpu">The GPU as the starts so far leave it.</param>
    /// <remarks>Source: AssignmentPlanner: functions are enabled where nothing would be lost, MIG mode where there is
    /// consent and the GPU is idle.</remarks>
    public CapacityRules RulesFor(GpuState gpu)
    {
        var isIdle = gpu.Active.Count == 0 && !gpu.Functions.Any(f => f.IsOccupied);
        return new CapacityRules(
            Held, null,
            _settings.Sriov == SriovPolicy.Ensure && gpu.Gpu is { EnabledFunctions: 0, TotalFunctions: > 0 }
                && gpu.Instances.Count == 0 && !gpu.MixedSizes && gpu.Active.Count == 0,
            isIdle && gpu.Mig is not null
                && (_settings.MigMode == MigModePolicy.WhenIdle || _migByLayout.Contains(gpu.Address)));
    }

    /// <summary>Places for a profile on GPUs as the starts so far leave them, cheapest first.</summary>
    public IReadOnlyList<PlacementChoice> Rank(string profile, IReadOnlyList<GpuState> gpus) =>
        new PlacementRanking(_settings, _file).Rank(profile, gpus);

    /// <summary>Reads the host as a start would find it now, once what VMs left behind is swept.</summary>
    /// <param name="host">The host.</param>
    /// <param name="driver">The driver's session.</param>
    /// <exception cref="VgpuException">No GPU can be read.</exception>
    public static StartSimulation Read(HostPorts host, IGpuDriverSession driver)
    {
        var settings = host.Settings.Load();
        var file = host.Claims.Load();
        var stale = file.Claims.Select(c => c.Vm).Distinct().Where(v => ClaimSweeper.IsStale(host, file, v))
            .ToHashSet();
        var swept = file with { Claims = [.. file.Claims.Where(c => !stale.Contains(c.Vm))] };
        var reader = new GpuReader(host, driver, swept, settings);
        var input = new AssignmentInput
        {
            Vm = new VmId(0),
            Requests = [],
            Gpus = ReadGpus(host, reader),
            Claims = swept.Claims,
            Managed = file.Instances,
            Reservations = StartReader.ReadReservations(host, new VmId(0)),
            OwnDevices = [],
            Settings = settings,
            RankPlacements = (_, _) => [],
        };
        var foretold = new SweepProjection(file, stale, null).Foretell(input);
        return new StartSimulation(
            host, settings, new SharedInputs(host), swept, foretold.Gpus, foretold.Reservations)
        {
            Memory = ReadMemory(host),
        };
    }

    /// <summary>A copy that goes on by itself.</summary>
    public StartSimulation Clone() => new(this);

    /// <summary>What a VM of this node requests at its next start.</summary>
    /// <exception cref="VgpuException">Its entries cannot work.</exception>
    public VmRequests ReadRequests(VmId vm) => VmRequestReader.ReadNext(_host, _settings, vm, _shared);

    /// <summary>What a VM with some configuration would request here.</summary>
    /// <exception cref="VgpuException">Its entries cannot work here.</exception>
    public VmRequests ReadRequests(VmId vm, string configuration) => VmRequestReader.Read(
        _host, _settings, vm, Encoding.UTF8.GetBytes(configuration), _shared, isNext: true);

    /// <summary>What a configuration needs of the host beside GPUs.</summary>
    public static VmNeeds NeedsOf(VmConfig config)
    {
        var numa = VmNuma.Read(config);
        return new VmNeeds(numa.MemoryMiB, numa.VirtualCpus, numa.HugePages switch
        {
            "2" => 2,
            "1024" or "any" => 1024,
            _ => null,
        });
    }

    /// <summary>Starts a VM.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="requests">What it requests.</param>
    /// <param name="needs">What it needs beside.</param>
    /// <returns>The plan of the start.</returns>
    /// <exception cref="VgpuException">The start would be refused; nothing is different then.</exception>
    public StartPlan Start(VmId vm, VmRequests requests, VmNeeds needs)
    {
        RequireMemory(vm, needs);
        if (requests.Requests.SelectMany(r => r.Candidates).FirstOrDefault(c => Gpus.All(g => g.Address != c.Gpu))
            is { } lost)
        {
            throw new HostNotReadyException(
                ErrorIds.DriverNotReady, $"GPU {lost.Gpu} does not answer", "see why: journalctl -k -b -g NVRM",
                lost.Gpu.ToString());
        }

        var file = Learn(requests);
        var gpus = Gpus;
        for (var round = 0; ; round++)
        {
            var (plan, isComplete) = StartRules.Plan(_host, requests, InputFor(vm, requests, gpus, file));
            gpus = StartedGpus.After(gpus, plan);
            if (isComplete || round == MaxRounds)
            {
                Keep(vm, plan, gpus, file);
                Memory = Memory?.Without(needs);
                return plan;
            }
        }
    }

    private void Keep(VmId vm, StartPlan plan, IReadOnlyList<GpuState> gpus, ClaimFile file)
    {
        Gpus = gpus;
        _file = file with
        {
            Claims =
            [
                .. file.Claims.Where(c => c.Vm != vm), .. plan.Claims.Select(c => c with { State = ClaimState.Live }),
            ],
        };
        _reservations =
        [
            .. _reservations.Where(r => r.Vm != vm),
            .. plan.Claims.Select(c => c.Function).OfType<PciAddress>()
                .Where(f => !gpus.SelectMany(g => g.Functions).Any(o => o.Address == f && o.IsShared))
                .Select(f => new FunctionReservation(f, vm, IsHeld: true) { IsByProcess = true }),
        ];
    }

    private AssignmentInput InputFor(
        VmId vm, VmRequests requests, IReadOnlyList<GpuState> gpus, ClaimFile file) => new()
        {
            Vm = vm,
            Requests = requests.Requests,
            Gpus = gpus,
            Claims = file.Claims,
            Managed = file.Instances,
            Reservations = _reservations,
            OwnDevices = VmDevices.Find(_host, vm),
            Settings = _settings,
            MigByLayout = _migByLayout,
            VmsByUuid = _vmsByUuid,
            RankPlacements = new PlacementRanking(_settings, file).Rank,
        };

    /// <summary>Requested starts teach the planner, as they do at a start.</summary>
    private ClaimFile Learn(VmRequests requests)
    {
        var all = _file.Demand.ToDictionary(d => d.Key, d => d.Value, StringComparer.Ordinal);
        foreach (var request in requests.Requests)
        {
            var gpu = Gpus.First(g => g.Address == request.Candidates[0].Gpu);
            if (gpu.FindType(request.Type)?.Profile is { } id && gpu.FindProfile(id) is { } profile
                && !_file.Claims.Any(c => c.Vm == request.Vm && c.Entry == request.Entry))
            {
                all[gpu.Model] = PlacementRanking.Learn(all.GetValueOrDefault(gpu.Model), gpu.Profiles, profile);
            }
        }

        return _file with { Demand = all };
    }

    private void RequireMemory(VmId vm, VmNeeds needs)
    {
        if (Memory?.FindLimit(needs) is not { } limit)
        {
            return;
        }

        var (lacking, change) = limit == CapacityLimit.HostCpus
            ? ($"VM {vm} has {needs.Cpus} CPUs, and the host has {Memory.Cpus}",
                $"give it fewer: qm set {vm} --sockets 1 --cores {Memory.Cpus}")
            : ($"VM {vm} needs {needs.MemoryMiB} MiB of memory, all of which VFIO pins, and {Memory.AvailableMiB} MiB "
                + "are available", $"stop a VM, or give this one less: qm set {vm} --memory <MiB>");
        throw new CapacityException(ErrorIds.InsufficientHostMemory, lacking, change, vm.ToString());
    }

    private static List<GpuState> ReadGpus(HostPorts host, GpuReader reader)
    {
        var gpus = new List<GpuState>();
        VgpuException? failure = null;
        foreach (var gpu in reader.Gpus)
        {
            try
            {
                gpus.Add(reader.Read(gpu, null));
            }
            catch (VgpuException e)
            {
                failure ??= e;
                host.Warn($"GPU {gpu.Address} is not considered: {e.Message}");
            }
        }

        return failure is null || gpus.Count > 0 ? gpus : throw failure;
    }

    /// <summary>
    /// What is available without the memory that running VMs with a vGPU have not touched yet: it is theirs.
    /// </summary>
    /// <remarks>Source: facts/numa.md C10: classic mediated devices pin pages only when they are used.</remarks>
    private static HostMemory? ReadMemory(HostPorts host)
    {
        if (host.Memory.Read(host.Cpus.Read().Online.Count) is not { } memory)
        {
            return null;
        }

        var promised = host.Proxmox.GetVms().Sum(vm => Untouched(host, vm));
        return memory with { AvailableMiB = Math.Max(0, memory.AvailableMiB - promised) };
    }

    private static long Untouched(HostPorts host, VmId vm)
    {
        if (host.Proxmox.PidOf(vm) is not { } pid)
        {
            return 0;
        }

        try
        {
            var subject = VmFinder.Read(host, vm);
            var needs = NeedsOf(subject.Config);
            return subject.Config.HostPci.All(e => e.Mdev is null) || needs.PageMiB is not null ? 0
                : Math.Max(0, needs.MemoryMiB - host.Cpus.ReadMemory(pid).Values.Sum());
        }
        catch (VgpuException)
        {
            // It ended or moved meanwhile, or cannot be read, in which case Proxmox cannot either.
            return 0;
        }
    }
}
