namespace VgpuPS.Core.Capacity;

/// <summary>
/// GPUs while VMs stop and start on them, by the driver's and Proxmox's own rules: which function and which instance a
/// start is given is not chosen here, it follows.
/// </summary>
/// <remarks>Source: facts/host-behaviour.md 1.5 (6); facts/proxmox.md (c).</remarks>
public sealed class RestartSimulation
{
    private const uint FirstId = 1u << 30;

    private readonly Dictionary<PciAddress, GpuState> _gpus;
    private readonly IReadOnlySet<PciAddress> _held;
    private uint _made;

    /// <summary>Begins with GPUs as they are.</summary>
    /// <param name="gpus">The GPUs; they know all their types.</param>
    /// <param name="held">Functions that are reserved for VMs that do not start again.</param>
    public RestartSimulation(IEnumerable<GpuState> gpus, IReadOnlySet<PciAddress> held)
    {
        _gpus = gpus.ToDictionary(g => g.Address, g => g with { Creatable = null });
        _held = held;
    }

    /// <summary>A GPU as it is now.</summary>
    public GpuState this[PciAddress gpu] => _gpus[gpu];

    /// <summary>All GPUs as they are now.</summary>
    public IReadOnlyCollection<GpuState> Gpus => _gpus.Values;

    /// <summary>A VM stops, and its functions are free.</summary>
    public void Stop(RestartableVm vm)
    {
        foreach (var vgpu in vm.Vgpus)
        {
            var gpu = _gpus[vgpu.Gpu];
            _gpus[vgpu.Gpu] = gpu with
            {
                Active = [.. gpu.Active.Where(a => a != vgpu.Active)],
                Functions =
                [
                    .. gpu.Functions.Select(f => f.Address != vgpu.Function ? f : f with
                    {
                        CurrentType = null,
                        Devices = [.. f.Devices.Where(d => d.Uuid != vgpu.Active.MdevUuid)],
                    }),
                ],
            };
        }
    }

    /// <summary>An instance goes.</summary>
    public void Destroy(PciAddress gpu, GpuInstance instance) => _gpus[gpu] = _gpus[gpu] with
    {
        Instances = [.. _gpus[gpu].Instances.Where(i => i.Placement != instance.Placement)],
    };

    /// <summary>An instance is made; its id is not known before.</summary>
    public void Create(PciAddress gpu, ProfileId profile, Placement window) => _gpus[gpu] = _gpus[gpu] with
    {
        Instances =
        [
            .. _gpus[gpu].Instances, new GpuInstance(new GpuInstanceId(FirstId + _made++), profile, window, []),
        ],
    };

    /// <summary>Whether a place on a GPU is free.</summary>
    public bool IsFree(PciAddress gpu, Placement window) => (_gpus[gpu].Occupancy.Mask & window.Mask) == 0;

    /// <summary>Where the next start of something goes; null when nowhere.</summary>
    public (PciAddress Function, PciAddress Gpu)? Find(VmVgpuRequest request)
    {
        var function = Read().FindPlacement(Start(request));
        return function is { } f ? (f, request.Candidates.First(c => c.Address == f).Gpu) : null;
    }

    /// <summary>
    /// A VM starts. An instance that was made for it must be the only one that it could be given: whichever has the
    /// lower id is taken first, and ids are not known before.
    /// </summary>
    /// <param name="vm">The VM, stopped.</param>
    /// <returns>
    /// The VM with where its vGPUs are then; null when it would not start, or could be given another.
    /// </returns>
    public RestartableVm? Start(RestartableVm vm)
    {
        var placed = new List<RestartableVgpu>();
        var remaining = vm.Vgpus.ToList();
        foreach (var request in vm.Requests)
        {
            if (Find(request) is not var (function, address) || IsAmbiguous(request, address)
                || remaining.FirstOrDefault(v => v.Type.Id == request.Type) is not { } old)
            {
                return null;
            }

            remaining.Remove(old);
            var gpu = _gpus[address];
            var type = gpu.Types[request.Type];
            var instance = type.IsMigBacked ? GpuCapacity.From(gpu).FindInstance(type) : null;
            var active = old.Active with { GpuInstance = instance, Type = type.Id };
            _gpus[address] = gpu with
            {
                Active = [.. gpu.Active, active],
                Functions =
                [
                    .. gpu.Functions.Select(f => f.Address != function ? f
                        : f.IsShared || active.MdevUuid is not null ? f with
                        {
                            Devices = [.. f.Devices, new MediatedDevice(request.Uuid, type.Id, f.Address)],
                        }
                        : f with { CurrentType = type.Id }),
                ],
            };
            placed.Add(new RestartableVgpu(address, function, type, active));
        }

        return remaining.Count == 0 ? vm with { Vgpus = placed } : null;
    }

    /// <summary>Where a vGPU's instance sits; null when time-sliced.</summary>
    public Placement? FindWindow(RestartableVgpu vgpu) =>
        _gpus[vgpu.Gpu].Instances.FirstOrDefault(i => i.Id == vgpu.Active.GpuInstance)?.Placement;

    /// <summary>Whether an instance that was made and another could both be given to the start.</summary>
    private bool IsAmbiguous(VmVgpuRequest request, PciAddress address)
    {
        var gpu = _gpus[address];
        if (gpu.Types.GetValueOrDefault(request.Type) is not { IsMigBacked: true } type)
        {
            return false;
        }

        var made = gpu.Instances.Where(i => i.Profile == type.Profile && i.Id.Value >= FirstId
            && !gpu.Active.Any(a => a.GpuInstance == i.Id)).ToList();
        var rest = gpu with { Instances = [.. gpu.Instances.Except(made)] };
        return made.Count > 0 && GpuCapacity.From(rest).HasCapacityFor(type);
    }

    private HostCapacity Read() => PendingStarts.ReadCapacity(
        _gpus.Values, _held, new Dictionary<PciAddress, PciAddress>());

    private static PendingStart Start(VmVgpuRequest request) =>
        new(request.Vm, request.Type, [.. request.Candidates.Select(c => c.Address)]);
}
