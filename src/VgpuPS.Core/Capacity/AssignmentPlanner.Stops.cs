using VgpuPS.Core.Planning;
using VgpuPS.Core.Settings;

namespace VgpuPS.Core.Capacity;

public sealed partial class AssignmentPlanner
{
    // Source: planner.md 5.1: more moves than these are no help to a user.
    private const int RestartLimit = 3;

    // A VM has at most this many entries, and no GPU more slices to clear for one.
    private const int StopLimit = 16;

    /// <summary>What to do when there is no capacity: which VMs to stop, for good or until this one runs.</summary>
    private string AdviseStops(VmVgpuRequest request, VgpuType type)
    {
        var wanted = _needing.Contains(request) ? _needing : [request];
        var gpus = _input.Gpus.Select(g => _host[g.Address] with { Instances = WithoutIdle(g) })
            .Where(g => g.MigIsOn).OrderBy(g => g.Address).ToList();
        var held = gpus.SelectMany((g, i) => FindHeld(g, i, gpus)).ToList();
        var items = wanted.Select(r => ItemFor(r, gpus)).ToList();
        var packGpus = PackGpus(gpus);
        var stop = CapacitySearch.FindStops(packGpus, held, items, restarts: false, StopLimit);
        if (wanted.Count == 1 && FindSeat(request, type, gpus) is { } seat && (stop is null || stop.Count > seat.Count))
        {
            return AdviseStop(seat);
        }

        if (wanted.Count > 1 && InstancePacking.Find(
            PackGpus([.. gpus.Select(g => g with { Instances = [] })]), items) is null)
        {
            return $"take an entry out (qm set {request.Vm} --delete hostpci{request.Entry}), for even empty GPUs do "
                + "not carry all of them at once; or choose a smaller type (vgpu-hook show), then: "
                + $"qm start {request.Vm}";
        }

        if (stop is null && _host.Pending.Select(p => p.Vm).Distinct().Order().ToList() is { Count: > 0 } back)
        {
            return $"wait until {Join(back)} {(back.Count == 1 ? "has started" : "have started")}, "
                + "for which capacity is reserved for at most five minutes after the stop (then: vgpu-hook sweep); "
                + $"keep the instances; or choose a smaller type (vgpu-hook show), then: qm start {request.Vm}";
        }

        if (stop is null)
        {
            return "stopping VMs does not free enough capacity: the instances in the way are not hook-managed, "
                + "or orphaned; destroy instances that no VM needs (nvidia-smi mig -dci, then -dgi), "
                + $"or choose a smaller type (vgpu-hook show), then: qm start {request.Vm}";
        }

        if (stop.Count == 0)
        {
            return _host.Pending.Count > 0
                ? "wait until the pending allocations are done, or release them: vgpu-hook sweep; "
                    + $"then qm start {request.Vm}"
                : $"release idle hook-managed instances: vgpu-hook sweep; then qm start {request.Vm}";
        }

        var restart = CapacitySearch.FindStops(packGpus, held, items, restarts: true, RestartLimit);
        return restart is { Count: > 0 } && FitsAgain(gpus, held, items, restart)
            ? AdviseRestart(stop, restart)
            : AdviseStop(stop);
    }

    private string AdviseStop(IReadOnlyList<int> stop) =>
        $"stop {JoinIds(stop)}, which would free enough: {Commands("shutdown", stop)}; then qm start {_input.Vm}";

    private string AdviseRestart(IReadOnlyList<int> stop, IReadOnlyList<int> restart) =>
        $"stop {JoinIds(restart)}, start VM {_input.Vm} and start {JoinIds(restart)} again; all of them fit then: "
            + $"{Commands("shutdown", restart)}; qm start {_input.Vm}; {Commands("start", restart)}"
        + (stop.Count < restart.Count ? $" (or stop {JoinIds(stop)} for good: {Commands("shutdown", stop)})" : "");

    private static string JoinIds(IReadOnlyList<int> vms) => string.Join(", ", vms.Select(v => $"VM {v}"));

    private static string Commands(string verb, IReadOnlyList<int> vms) =>
        string.Join("; ", vms.Select(v => $"qm {verb} {v}"));

    /// <summary>Hook-managed instances that have no vGPU and are not reserved go by themselves.</summary>
    private IReadOnlyList<GpuInstance> WithoutIdle(GpuState gpu)
    {
        var used = gpu.Active.Select(a => a.GpuInstance).ToHashSet();
        return [.. gpu.Instances.Where(i => used.Contains(i.Id) || !IsGoneWhenIdle(gpu, i))];
    }

    /// <summary>
    /// Whether the hook destroys the instance once it has no vGPU: it made it, no instance of its profile is reserved,
    /// and no device of that profile is on a function whose instance the driver does not report yet.
    /// </summary>
    private bool IsGoneWhenIdle(GpuState gpu, GpuInstance instance) =>
        _input.Settings.Reclaim != ReclaimPolicy.Never
        && _input.Managed.Any(m => m.IsOurs && m.Gpu == gpu.Address
            && m.Profile == instance.Profile && m.Placement == instance.Placement)
        && !_host.Pending.Any(p => gpu.Types.GetValueOrDefault(p.Type)?.Profile == instance.Profile)
        && !GpuCapacity.Occupants(gpu).Any(o => o.Instance is null && o.Type.Profile == instance.Profile);

    /// <summary>The instances of a GPU that go when their VMs stop, all of whose users are known.</summary>
    private IEnumerable<HeldInstance> FindHeld(GpuState gpu, int index, List<GpuState> gpus)
    {
        var holders = FindInstanceHolders(gpu);
        foreach (var instance in gpu.Instances.Where(i => IsGoneWhenIdle(gpu, i)))
        {
            var vms = holders[instance.Id].Distinct().Order().ToList();
            if (vms.Count > 0 && gpu.Active.Count(a => a.GpuInstance == instance.Id) == holders[instance.Id].Count())
            {
                yield return new HeldInstance(
                    index, instance.Placement, gpu.FindProfile(instance.Profile) is { TakesMediaEngines: true },
                    [.. vms.Select(v => v.Value)],
                    new PackItem(NameOf(gpu, instance), FindHomes(vms, instance, index, gpus)));
            }
        }
    }

    /// <summary>GPUs, of those looked at, on which VMs may start again: where all of them have a candidate for that
    /// profile.</summary>
    private IReadOnlyList<int> FindHomes(
        IReadOnlyList<VmId> vms, GpuInstance instance, int here, List<GpuState> gpus)
    {
        var homes = gpus.Index().Where(g => vms.All(vm => _input.Claims.Any(c => c.Vm == vm
            && g.Item.Types.GetValueOrDefault(c.Type)?.Profile == instance.Profile
            && c.Candidates.Any(a => g.Item.Functions.Any(f => f.Address == a))))).Select(g => g.Index).ToList();
        return homes.Count > 0 ? homes : [here];
    }

    /// <summary>
    /// The fewest VMs whose end frees a place on an instance that is there, whoever made it: one that shares it, or
    /// all.
    /// </summary>
    private IReadOnlyList<int>? FindSeat(VmVgpuRequest request, VgpuType type, List<GpuState> gpus)
    {
        var usable = FindUsable(request).Select(c => c.Gpu).ToHashSet();
        IReadOnlyList<int>? best = null;
        foreach (var gpu in gpus.Where(
            g => usable.Contains(g.Address) && g.Types.GetValueOrDefault(request.Type) is not null))
        {
            var holders = FindInstanceHolders(gpu);
            foreach (var instance in gpu.Instances.Where(i => i.Profile == type.Profile))
            {
                var vms = holders[instance.Id].Distinct().Order().ToList();
                foreach (var stop in vms.Select(v => new List<VmId> { v }).Append(vms).Where(s => s.Count > 0))
                {
                    if ((best is null || stop.Count < best.Count)
                        && Without(gpu, stop).HasCapacityFor(gpu.Types[request.Type]))
                    {
                        best = [.. stop.Select(v => v.Value)];
                    }
                }
            }
        }

        return best;
    }

    private GpuCapacity Without(GpuState gpu, IReadOnlyList<VmId> vms) => GpuCapacity.From(gpu with
    {
        Creatable = null,
        Active = [.. gpu.Active.Where(a => FindVm(a) is not { } vm || !vms.Contains(vm))],
        Functions =
        [
            .. gpu.Functions.Select(f => f with
            {
                CurrentType = FindClaimant(f.Address) is { } vm && vms.Contains(vm) ? null : f.CurrentType,
                Devices = [.. f.Devices.Where(d => d.Uuid.Guest is not { } owner || !vms.Contains(owner.Vm))],
            }),
        ],
    });

    private VmId? FindClaimant(PciAddress function) =>
        _input.Reservations.FirstOrDefault(r => r.Function == function)?.Vm
        ?? _input.Claims.FirstOrDefault(c => c.Function == function)?.Vm;

    /// <summary>
    /// Whether the hook, which places one start after the other, gets all of them in: first this VM's, then those that
    /// stopped, largest first.
    /// </summary>
    private bool FitsAgain(
        List<GpuState> gpus, IReadOnlyList<HeldInstance> held, IReadOnlyList<PackItem> wanted,
        IReadOnlyList<int> stopped)
    {
        var gone = held.Where(h => h.Holders.All(stopped.Contains)).ToList();
        var state = gpus.Select((g, i) => g with
        {
            Instances = [.. g.Instances.Where(x => !gone.Exists(h => h.Gpu == i && h.Window == x.Placement))],
        }).ToList();
        var again = gone.OrderByDescending(h => h.Window.Size).Select(h => h.Again);
        foreach (var item in wanted.Concat(again))
        {
            if (_input.RankPlacements(item.Profile, [.. item.Gpus.Select(i => state[i])]) is not [var best, ..])
            {
                return false;
            }

            var index = state.FindIndex(g => g.Address == best.Gpu);
            state[index] = state[index] with
            {
                Instances =
                [
                    .. state[index].Instances,
                    new GpuInstance(new GpuInstanceId(uint.MaxValue), best.Profile.Id, best.Placement, []),
                ],
            };
        }

        return true;
    }
}
