using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Defragmentation;

/// <summary>Which running VMs may be stopped and started again to get their vGPUs elsewhere, and why others may
/// not.</summary>
internal sealed class RestartCandidates
{
    private readonly HostPorts _host;
    private readonly HookSettings _settings;
    private readonly ClaimFile _file;
    private readonly IReadOnlyList<ManagedGpu> _gpus;
    private readonly IReadOnlySet<VmId> _excluded;
    private readonly SharedInputs _shared;
    private readonly SnippetStorages _storages;
    private readonly Lazy<IReadOnlyCollection<VmId>> _managedByHa;
    private readonly Dictionary<VmId, VmSubject> _subjects = [];

    private RestartCandidates(
        HostPorts host, HookSettings settings, ClaimFile file, IReadOnlyList<ManagedGpu> gpus,
        IReadOnlySet<VmId> excluded)
    {
        (_host, _settings, _file, _gpus, _excluded) = (host, settings, file, gpus, excluded);
        _shared = new SharedInputs(host);
        _storages = new SnippetStorages(host);
        _managedByHa = new(() => host.Proxmox.ReadHighAvailability().Vms);
    }

    /// <summary>VMs that may, ascending.</summary>
    public IReadOnlyList<RestartableVm> Vms { get; private set; } = [];

    /// <summary>Why each of the others may not, ascending VM.</summary>
    public IReadOnlyList<string> Refusals { get; private set; } = [];

    /// <summary>Finds them among VMs that run with vGPUs of these GPUs.</summary>
    public static RestartCandidates Find(
        HostPorts host, HookSettings settings, ClaimFile file, IReadOnlyList<ManagedGpu> gpus,
        IReadOnlySet<VmId> excluded)
    {
        var candidates = new RestartCandidates(host, settings, file, gpus, excluded);
        var (vms, refusals) = (new List<RestartableVm>(), new List<string>());
        foreach (var vm in gpus.SelectMany(g => g.Vgpus).Where(v => v.IsRunning).Select(v => v.Vm).OfType<VmId>()
            .Distinct().Order())
        {
            try
            {
                vms.Add(candidates.Read(vm));
            }
            catch (VgpuException e)
            {
                refusals.Add(e.Message);
            }
        }

        (candidates.Vms, candidates.Refusals) = (vms, refusals);
        return candidates;
    }

    /// <summary>A VM that may, for display: <c>VM 101 (web)</c>.</summary>
    public string Label(VmId vm) => _subjects.TryGetValue(vm, out var subject) ? subject.Label : $"VM {vm}";

    /// <summary>Its name; null without one.</summary>
    public string? NameOf(VmId vm) => _subjects.GetValueOrDefault(vm)?.Config.Name;

    /// <summary>Whether the hook made an instance, and so destroys it when its VMs have stopped.</summary>
    public bool IsHookManaged(GpuState gpu, GpuInstance instance) => _file.Instances.Any(m => m.IsOurs
        && m.Gpu == gpu.Address && m.Placement == instance.Placement && m.Profile == instance.Profile);

    private RestartableVm Read(VmId vm)
    {
        if (_excluded.Contains(vm))
        {
            throw Stays(vm, "it is excluded");
        }

        var subject = VmFinder.Read(_host, vm);
        _subjects[vm] = subject;
        if (_managedByHa.Value.Contains(vm))
        {
            throw Stays(vm, "HA manages it, and may start it on another node");
        }

        if (subject.Config.Lock is { } held || _host.Proxmox.IsLocked(vm))
        {
            throw Stays(vm, $"a task of Proxmox has it locked ({subject.Config.Lock ?? "its configuration"})");
        }

        var vgpus = FindVgpus(vm);
        RequireHook(subject, vgpus);
        var requests = VmRequestReader.ReadNext(_host, _settings, vm, _shared).Requests;
        if (!requests.Select(r => r.Type).Order().SequenceEqual(vgpus.Select(v => v.Type.Id).Order()))
        {
            throw Stays(vm, "its configuration requests other vGPUs at its next start than it has now");
        }

        return new RestartableVm(vm, requests, vgpus);
    }

    private List<RestartableVgpu> FindVgpus(VmId vm)
    {
        var vgpus = new List<RestartableVgpu>();
        foreach (var (gpu, vgpu) in _gpus.SelectMany(g => g.Vgpus.Where(v => v.Vm == vm).Select(v => (g, v))))
        {
            if (vgpu is not { Type: { } type, Active: { } active } || (type.IsMigBacked && active.GpuInstance is null))
            {
                throw Stays(vm, $"the driver does not say where its {vgpu.TypeName} on GPU {gpu.Address} is");
            }

            vgpus.Add(new RestartableVgpu(gpu.Address, vgpu.Function, type, active));
        }

        return vgpus;
    }

    /// <summary>Without the hook nothing makes an instance at a start, and only the hook's are made for one.</summary>
    private void RequireHook(VmSubject vm, List<RestartableVgpu> vgpus)
    {
        if (vgpus.TrueForAll(v => !v.Type.IsMigBacked))
        {
            return;
        }

        if (vm.Config.AtNextStart.HookScript is not { } volume || !_storages.HoldsHook(volume))
        {
            throw Stays(vm.Id, "it has no vGPU hook");
        }

        if (!vgpus.Exists(v => _gpus.First(g => g.Address == v.Gpu) is var gpu
            && gpu.Instances.Any(i => i.Id == v.Active.GpuInstance && IsHookManaged(gpu, i))))
        {
            throw Stays(vm.Id, "its GPU instance was created by a user or a layout, not by the hook");
        }
    }

    private ResourceBusyException Stays(VmId vm, string why) =>
        new(ErrorIds.ResourceBusy, $"{Label(vm)} stays: {why}", "", vm.ToString());
}
