using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Proxmox;

namespace VgpuPS.Host.Operations;

/// <summary>
/// Reads GPUs for whoever shows them, plans or changes: what PCI shows, what the driver says, and whose vGPUs are on
/// them. What is not of one GPU is read once; a GPU is read again by each call.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="driver">The driver's session.</param>
/// <param name="file">Claims that count.</param>
/// <param name="settings">The hook's settings, for the demand that they report; null for none.</param>
internal sealed class GpuReader(
    HostPorts host, IGpuDriverSession driver, ClaimFile file, HookSettings? settings = null)
{
    private readonly Lazy<IReadOnlyList<PhysicalFunction>> _present = new(host.Devices.GetGpus, isThreadSafe: false);
    private readonly Lazy<IReadOnlyList<FunctionReservation>> _reservations =
        new(host.Proxmox.GetReservations, isThreadSafe: false);
    private readonly Lazy<Dictionary<string, VmId>> _vmsByUuid = new(
        () => VmUuids.Find(host.Proxmox), isThreadSafe: false);
    private readonly Dictionary<PciAddress, (GpuUuid Uuid, string Model, long MemoryMiB)> _identities = [];
    private InstancePlacer? _placer;

    /// <summary>All NVIDIA GPUs that PCI shows, ascending address.</summary>
    public IReadOnlyList<PhysicalFunction> Present
    {
        get => field ?? _present.Value;
        init;
    }

    /// <summary>GPUs that the driver has, ascending address.</summary>
    public IReadOnlyList<PhysicalFunction> Gpus => [.. Present.Where(g => g.Driver == "nvidia")];

    /// <summary>Proxmox's reservations of functions.</summary>
    public IReadOnlyList<FunctionReservation> Reservations
    {
        get => field ?? _reservations.Value;
        init;
    }

    /// <summary>Finds places for GPU instances, by the demand that settings and claims report.</summary>
    public InstancePlacer Placer =>
        _placer ??= new InstancePlacer(new PlacementRanking(settings ?? new HookSettings(), file), FindOtherOwner);

    /// <summary>UUID, model and memory of a GPU.</summary>
    public (GpuUuid Uuid, string Model, long MemoryMiB) Identify(PciAddress gpu)
    {
        if (!_identities.TryGetValue(gpu, out var identity))
        {
            _identities[gpu] = identity = driver.GetIdentity(gpu);
        }

        return identity;
    }

    /// <summary>
    /// GPUs that a user's name means; those that do not answer do not affect one that its address names.
    /// </summary>
    /// <returns>Ascending address; none only for a name with wildcards that nothing matches.</returns>
    /// <exception cref="ObjectNotFoundException">An identity that no GPU has.</exception>
    /// <exception cref="HostNotReadyException">The GPU at that address is there, and NVIDIA's driver does not have
    /// it.</exception>
    public IReadOnlyList<PhysicalFunction> Find(string name)
    {
        RequireDriver(name);
        return GpuSelector.Find(
            Gpus, name, g => g.Address, g => (Identify(g.Address).Uuid.Value, Identify(g.Address).Model));
    }

    /// <summary>Refuses the address of a GPU that is there and that NVIDIA's driver does not have.</summary>
    /// <exception cref="HostNotReadyException">It does not; says who has it and how it is freed.</exception>
    public void RequireDriver(string name)
    {
        if (PciAddress.TryParse(name.Trim(), out var address)
            && Present.FirstOrDefault(g => g.Address == address) is { Driver: not "nvidia" } other)
        {
            throw IsElsewhere(other);
        }
    }

    private static HostNotReadyException IsElsewhere(PhysicalFunction gpu) => new(
        ErrorIds.WrongDriver,
        $"GPU {gpu.Address}{(GpuBoard.Of(gpu.DeviceId).Name is { } board ? $" ({board})" : "")} is there, and "
            + $"{(gpu.Driver is null ? "no driver has it" : $"driver {gpu.Driver} has it")} instead of nvidia",
        (gpu.Driver is null ? "see what the driver reports (journalctl -k -b -g NVRM), and bind it: "
            : gpu.Driver == "vfio-pci" ? "stop the VM that has it, free it and bind it: " : "free it and bind it: ")
            + $"{gpu.RebindCommand}; what would give it away again at a boot: Test-VgpuHost VfioIdsOption",
        gpu.Address.ToString());

    /// <summary>The GPU that has a function now; null for none.</summary>
    public PhysicalFunction? FindByFunction(PciAddress function) =>
        Gpus.FirstOrDefault(g => host.Devices.GetFunctions(g).Any(f => f.Address == function));

    /// <summary>Reads what decides which vGPUs a GPU can take.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="wanted">Types to know beside those on its functions; null for all that it has, and which can be
    /// created.</param>
    public GpuState Read(PhysicalFunction gpu, IEnumerable<VgpuTypeId>? wanted)
    {
        var (uuid, model, memory) = Identify(gpu.Address);
        var mig = driver.GetMigMode(gpu.Address);
        var functions = host.Devices.GetFunctions(gpu);
        var active = driver.GetActiveVgpus(gpu.Address);
        var types = (wanted is null ? driver.GetTypes(gpu.Address) : functions.Select(f => f.CurrentType)
            .Concat(functions.SelectMany(f => f.Devices).Select(d => d.Type))
            .Concat(active.Select(a => (VgpuTypeId?)a.Type))
            .OfType<VgpuTypeId>().Concat(wanted).Distinct()
            .Select(t => driver.FindType(gpu.Address, t)).OfType<VgpuType>()).ToDictionary(t => t.Id);
        return ForeseenGpu.On(host.Foreseen, new GpuState(
            gpu, uuid, model, mig,
            mig is { Current: true } ? false : driver.GetMixedSizeMode(gpu.Address) ?? false,
            mig is null ? [] : driver.GetProfiles(gpu.Address),
            mig is { Current: true } ? driver.GetInstances(gpu.Address) : [],
            functions, active, types)
        {
            Index = Gpus.ToList().FindIndex(g => g.Address == gpu.Address),
            MemoryMiB = memory,
            Creatable = wanted is null || mig is { Current: true } ? driver.GetCreatableTypes(gpu.Address) : null,
        });
    }

    /// <summary>Reads a GPU with its vGPUs and whose they are, and what can be set on it.</summary>
    public ManagedGpu Read(PhysicalFunction gpu)
    {
        var state = Read(gpu, null);
        var vgpus = FindVgpus(state);
        return new ManagedGpu(state)
        {
            Vgpus = vgpus,
            Pending =
            [
                .. file.Claims.Where(c => c.State != ClaimState.Live && IsOn(c, gpu)
                    && !vgpus.Exists(v => v.IsRunning && v.Vm == c.Vm)),
            ],
            Scheduler = driver.GetScheduler(gpu.Address),
            SchedulerLimits = driver.GetSchedulerLimits(gpu.Address),
            CanMixSizes = driver.CanMixSizes(gpu.Address)
                ?? (state.MigIsOn ? null : driver.GetMixedSizeMode(gpu.Address) is not null),
            ComputeProfiles = state.Instances.Where(i => !ForeseenGpu.IsForeseen(i)).ToDictionary(
                i => i.Id, i => driver.GetComputeProfiles(gpu.Address, i.Id)),
        };
    }

    /// <summary>GPU instances of a GPU, ascending id; none with MIG mode off.</summary>
    public IReadOnlyList<GpuInstance> ReadInstances(PhysicalFunction gpu) => driver.GetInstances(gpu.Address);

    /// <summary>Finds who keeps a GPU from being changed.</summary>
    public GpuUsers FindUsers(ManagedGpu gpu) => new(
        [
            .. gpu.Vgpus.Where(v => IsBusy(gpu, v)).Select(v => v.Vm).OfType<VmId>()
                .Concat(gpu.Pending.Select(c => c.Vm)).Distinct().Order(),
        ],
        driver.GetProcesses(gpu.Address) is { Count: > 0 } processes
            ? [.. host.Clients.Find(gpu.Address, processes).Where(c => processes.Contains(c.Pid))]
            : []);

    /// <summary>
    /// Whether a vGPU is of a VM that runs, is about to run (a process holds its configuration's lock), or has reserved
    /// one on the GPU.
    /// </summary>
    public bool IsBusy(ManagedGpu gpu, PlacedVgpu vgpu) => vgpu.IsRunning || (vgpu.Vm is { } vm
        && (gpu.Vgpus.Any(v => v.IsRunning && v.Vm == vm) || gpu.Pending.Any(c => c.Vm == vm)
            || host.Proxmox.IsRunning(vm) || host.Proxmox.IsLocked(vm)));

    private static bool IsOn(VgpuClaim claim, PhysicalFunction gpu) =>
        claim.Function is { } function
            ? function == gpu.Address || gpu.IndexOf(function) is not null
            : claim.Candidates.Any(c => c == gpu.Address || gpu.IndexOf(c) is not null);

    /// <summary>vGPUs of a GPU, in the order of its functions, and whose they are.</summary>
    public List<PlacedVgpu> FindVgpus(GpuState state)
    {
        var active = state.Active.ToList();
        var found = new List<PlacedVgpu>();
        foreach (var function in state.Functions)
        {
            if (function.CurrentType is { } set)
            {
                var vm = FindVm(function.Address);
                found.Add(Place(function, set, null, vm, Take(active, a => a.Type == set && FindVm(a) == vm)));
            }

            foreach (var device in function.Devices)
            {
                var vgpu = Take(active, a => a.MdevUuid == device.Uuid);
                var vm = device.Uuid.Guest?.Vm ?? (vgpu is null ? null : FindVm(vgpu));
                found.Add(Place(function, device.Type, device.Uuid, vm, vgpu));
            }
        }

        return found;

        PlacedVgpu Place(VirtualFunction function, VgpuTypeId? type, MdevUuid? uuid, VmId? vm, ActiveVgpu? vgpu) => new(
            function.Address, type, state.FindType(type), uuid, vm, vgpu);
    }

    private static ActiveVgpu? Take(List<ActiveVgpu> active, Predicate<ActiveVgpu> isIt)
    {
        var index = active.FindIndex(isIt);
        if (index < 0)
        {
            return null;
        }

        var found = active[index];
        active.RemoveAt(index);
        return found;
    }

    /// <summary>The VM of a set type: by Proxmox's reservation, else by the hook's claim.</summary>
    private VmId? FindVm(PciAddress function) =>
        (Reservations.FirstOrDefault(r => r.Function == function && r.IsHeld)
            ?? Reservations.FirstOrDefault(r => r.Function == function))?.Vm
        ?? file.Claims.FirstOrDefault(c => c.Function == function)?.Vm;

    // Only a UUID that says no VM is worth reading configurations for.
    private VmId? FindVm(ActiveVgpu vgpu) => vgpu.Vm ?? vgpu.FindVm(_vmsByUuid.Value);

    /// <summary>Another GPU of the host that has a profile, for display; null for none.</summary>
    private string? FindOtherOwner(PciAddress except, string profile) => Gpus
        .Select((gpu, index) => (gpu.Address, Index: index))
        .Where(g => g.Address != except && driver.GetMigMode(g.Address) is not null
            && driver.GetProfiles(g.Address)
                .Any(p => string.Equals(p.Name, profile.Trim(), StringComparison.OrdinalIgnoreCase)))
        .Select(g => GpuState.Describe(g.Index, Identify(g.Address).Model, g.Address)).FirstOrDefault();
}

/// <summary>VMs by the UUID that their configuration gives QEMU (smbios1), where there is one.</summary>
internal static class VmUuids
{
    /// <summary>Reads all VMs of the node; one that cannot be read stays unnamed.</summary>
    public static Dictionary<string, VmId> Find(ProxmoxHost proxmox)
    {
        var found = new Dictionary<string, VmId>(StringComparer.OrdinalIgnoreCase);
        var shared = new List<string>();
        foreach (var vm in proxmox.GetVms())
        {
            try
            {
                var config = VmConfigReader.Read(proxmox.ReadConfig(vm, null), PveGeneration.Pve9);
                if (config.SmbiosUuid is { } uuid && !found.TryAdd(uuid, vm))
                {
                    shared.Add(uuid);
                }
            }
            catch (VgpuException)
            {
                continue;
            }
        }

        // A configuration that was copied by hand names no VM for certain.
        shared.ForEach(uuid => found.Remove(uuid));
        return found;
    }
}
