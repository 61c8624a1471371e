using VgpuPS.Core.Advice;
using VgpuPS.Core.Capacity;
using VgpuPS.Host.Operations.Simulation;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Operations.Advice;

/// <summary>Reads what advice on sharing GPUs needs to know of a host, as capacity sees it: beside all VMs that run and
/// all that are configured. Changes nothing.</summary>
internal sealed class ReadAdviceHost(HostPorts host)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="VgpuException">There is no such GPU here, or the driver does not answer.</exception>
    public AdviceHost Run(ReadAdviceHostRequest request)
    {
        using var driver = host.Driver.Open();
        var now = StartSimulation.Read(host, driver);
        var at = request.IgnoreStopped ? now : ConfiguredStarts.Of(host, now).After;
        var reader = new GpuReader(host, driver, host.Claims.Load(), at.Settings);
        var named = FunctionUsers.Read(host).All.Select(u => u.Function).ToHashSet();
        var gpus = request.Gpus is not { Count: > 0 } names ? at.Gpus
            : [.. names.SelectMany(n => GpuSelector.Find(at.Gpus, n, g => g.Address, g => (g.Uuid.Value, g.Model)))
                .DistinctBy(g => g.Address).OrderBy(g => g.Address)];
        return new AdviceHost(
            [.. gpus.Select(g => Describe(at, g, reader.Read(reader.Gpus.First(p => p.Address == g.Address)), named))],
            ReadVms());
    }

    private static AdviceGpu Describe(
        StartSimulation at, GpuState gpu, ManagedGpu driven, IReadOnlySet<PciAddress> named)
    {
        var occupants = GpuCapacity.Occupants(gpu).ToList();
        var owners = FindOwners(at, gpu, driven);
        var functions = FindFunctions(at, gpu).Where(f => f != gpu.Address && !named.Contains(f)).ToList();
        var isPredicted = gpu.Functions.Count == 0 && functions.Count == 0;
        return new AdviceGpu
        {
            Index = gpu.Index,
            Uuid = gpu.Uuid.Value,
            Address = gpu.Address.ToString(),
            Model = gpu.Model,
            DeviceId = gpu.Gpu.DeviceId,
            HasMig = gpu.Mig is not null,
            MigIsOn = gpu.MigIsOn,
            MixedSizes = gpu.MixedSizes,
            CanMixSizes = driven.CanMixSizes,
            HasFunctions = gpu.Gpu.TotalFunctions > 0,
            FreeFunctions = gpu.Gpu.TotalFunctions == 0 ? null : isPredicted ? gpu.Gpu.TotalFunctions : functions.Count,
            Functions = [.. functions.Select(f => f.ToString())],
            Profiles = AdviceProfile.From(gpu.Profiles),
            Instances = FindInstances(gpu, driven, occupants),
            Types = AdviceType.From(gpu),
            Occupants = [.. occupants.Select(o => Describe(o.Type, owners))],
            Scheduler = driven.Scheduler?.Policy,
            Policies = driven.SchedulerLimits?.Policies,
            Obstacle = FindObstacle(at, gpu, driven),
        };
    }

    /// <summary>Functions that are free, or will be once they are enabled.</summary>
    private static IReadOnlyList<PciAddress> FindFunctions(StartSimulation at, GpuState gpu) =>
        RemainingCapacity.FreeFunctions(gpu, at.RulesFor(gpu) with { MayEnableFunctions = true });

    /// <summary>VMs of vGPUs by type: those that run, then those that are configured.</summary>
    private static Dictionary<VgpuTypeId, Queue<(VmId? Vm, bool IsRunning)>> FindOwners(
        StartSimulation at, GpuState gpu, ManagedGpu driven) => gpu.Active.GroupBy(a => a.Type).ToDictionary(
        g => g.Key, g => new Queue<(VmId?, bool)>(g.Select(a => (
            at.FindVm(a), driven.Active.Any(d => d.MdevUuid == a.MdevUuid && d.Type == a.Type)))));

    private static AdviceOccupant Describe(
        VgpuType type, Dictionary<VgpuTypeId, Queue<(VmId? Vm, bool IsRunning)>> owners)
    {
        var owner = owners.TryGetValue(type.Id, out var queue) && queue.TryDequeue(out var next) ? next : default;
        return new AdviceOccupant(type.ShortName, type.FramebufferMiB, owner.Vm?.Value, owner.IsRunning);
    }

    /// <summary>GPU instances that VMs have, or that starts of VMs will make.</summary>
    private static IReadOnlyList<AdviceInstance> FindInstances(
        GpuState gpu, ManagedGpu driven, IReadOnlyList<(VgpuType Type, GpuInstanceId? Instance)> occupants)
    {
        var known = occupants.Select(o => o.Instance).OfType<GpuInstanceId>().ToHashSet();
        var unknown = occupants.Where(o => o.Instance is null).Select(o => o.Type.Profile).OfType<ProfileId>()
            .ToHashSet();
        return
        [
            .. gpu.Instances.Where(i => known.Contains(i.Id) || unknown.Contains(i.Profile)).OrderBy(i => i.Placement)
                .Select(i => Describe(i, gpu, driven)),
        ];
    }

    private static AdviceInstance Describe(GpuInstance instance, GpuState gpu, ManagedGpu driven)
    {
        var name = gpu.NameOf(instance.Profile);
        if (driven.Instances.FirstOrDefault(i => i.Id == instance.Id) is not { } there)
        {
            return new AdviceInstance(name, instance.Placement, null, IsThere: false);
        }

        var compute = there.ComputeInstances.Select(c => driven.NameOf(there, c)).ToList();
        return new AdviceInstance(
            name, instance.Placement, compute is [var only] && only == name ? null : compute, IsThere: true);
    }

    private static string? FindObstacle(StartSimulation at, GpuState gpu, ManagedGpu driven) =>
        at.Pending.FirstOrDefault(p => p.Candidates.Any(c => c == gpu.Address || gpu.Gpu.IndexOf(c) is not null))
            is { } start ? $"VM {start.Vm} is starting there"
        : gpu.Mig is { } mig && mig.Current != mig.Pending && gpu.Active.Count > 0
            ? "its MIG mode changes with the next reset, and VMs use it"
        : driven.Types.Count == 0 ? "the driver has no vGPU types for it"
        : null;

    private IReadOnlyList<AdviceVm> ReadVms()
    {
        var vms = new List<AdviceVm>();
        foreach (var vm in host.Proxmox.GetVms().Order())
        {
            try
            {
                var config = VmFinder.Read(host, vm).Config;
                vms.Add(new AdviceVm(vm.Value, config.NextHostPci.Any(e => e.Mdev is not null)));
            }
            catch (VgpuException)
            {
                // It is there; what it has, Get-VmVgpu says.
                vms.Add(new AdviceVm(vm.Value, false));
            }
        }

        return vms;
    }
}

/// <summary>Asks for what advice needs to know of a host.</summary>
public sealed record ReadAdviceHostRequest
{
    /// <summary>GPUs: index, UUID, address or model; null for all.</summary>
    public IReadOnlyList<string>? Gpus { get; init; }

    /// <summary>Whether only VMs that run count, and not those that are configured and stopped.</summary>
    public bool IgnoreStopped { get; init; }
}
