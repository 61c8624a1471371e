using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

/// <summary>
/// Puts the moves of a solution in an order in which each can be done, and proves by the driver's and Proxmox's rules
/// that each VM is given the place that was planned for it.
/// </summary>
/// <param name="Steps">Steps in order.</param>
/// <param name="Vms">Each VM that starts again: as it is, and as it will be, with where its vGPUs are then.</param>
/// <param name="After">The GPUs afterwards.</param>
public sealed record RestartSequence(
    IReadOnlyList<RestartStep> Steps, IReadOnlyList<(RestartableVm Before, StartVmStep After)> Vms,
    IReadOnlyList<GpuState> After)
{
    /// <summary>Makes the sequence.</summary>
    /// <param name="gpus">The GPUs as they are.</param>
    /// <param name="held">Functions that are reserved for VMs that do not start again.</param>
    /// <param name="vms">The VMs that start again.</param>
    /// <param name="moves">Their instances, each with where it goes; null for one that finds room on another.</param>
    /// <returns>The sequence; null where a VM could be given another place than the planned one.</returns>
    public static RestartSequence? Make(
        IEnumerable<GpuState> gpus, IReadOnlySet<PciAddress> held, IReadOnlyList<RestartableVm> vms,
        IReadOnlyList<InstanceMove> moves) =>
        new Builder(new RestartSimulation(gpus, held), vms, moves).Build();

    private sealed class Builder(
        RestartSimulation host, IReadOnlyList<RestartableVm> vms, IReadOnlyList<InstanceMove> moves)
    {
        private readonly List<RestartStep> _steps = [];
        private readonly List<(RestartableVm, StartVmStep)> _done = [];
        private readonly HashSet<VmId> _stopped = [];

        public RestartSequence? Build()
        {
            var waiting = FindUnits();
            while (waiting.Count > 0)
            {
                // One whose places are free by then; else one more stops first, and its places are.
                var next = waiting.FirstOrDefault(IsReady);
                if (next is null)
                {
                    Release(waiting.First(u => !u.Vms.All(v => _stopped.Contains(v.Vm))));
                    continue;
                }

                waiting.Remove(next);
                Release(next);
                if (!TryStart(next))
                {
                    return null;
                }
            }

            return new RestartSequence(_steps, _done, [.. host.Gpus]);
        }

        /// <summary>VMs that share an instance stop and start together.</summary>
        private List<Unit> FindUnits()
        {
            var units = vms.OrderBy(v => v.Vm).Select(v => new Unit([v], [])).ToList();
            foreach (var move in moves)
            {
                var own = units.Where(u => u.Vms.Any(v => move.Vms.Contains(v.Vm))).ToList();
                units[units.IndexOf(own[0])] = new Unit(
                    [.. own.SelectMany(u => u.Vms)], [.. own.SelectMany(u => u.Moves), move]);
                own.Skip(1).ToList().ForEach(u => units.Remove(u));
            }

            return units;
        }

        private bool IsReady(Unit unit)
        {
            var leaves = unit.Moves.ToLookup(m => m.Gpu, m => m.Instance.Placement.Mask);
            return unit.Moves.All(m => m.To is not var (gpu, window)
                || (host[gpu].Occupancy.Mask & window.Mask & ~leaves[gpu].Aggregate(0u, (a, b) => a | b)) == 0);
        }

        private void Release(Unit unit)
        {
            foreach (var vm in unit.Vms.Where(v => _stopped.Add(v.Vm)))
            {
                _steps.Add(new StopVmStep(vm.Vm));
                host.Stop(vm);
                if (unit.Vms.All(v => _stopped.Contains(v.Vm)))
                {
                    foreach (var move in unit.Moves)
                    {
                        _steps.Add(new ReleaseInstanceStep(move.Gpu, move.Instance, move.Profile.Name, move.Vms));
                        host.Destroy(move.Gpu, move.Instance);
                    }
                }
            }
        }

        private bool TryStart(Unit unit)
        {
            foreach (var move in unit.Moves.Where(m => m.To is not null))
            {
                // A start that would be served without it could be given something else.
                var (gpu, window) = move.To!.Value;
                if (!host.IsFree(gpu, window) || unit.Vms.Where(v => move.Vms.Contains(v.Vm))
                    .SelectMany(v => v.Requests).Any(r => IsOf(r, gpu, move.Profile) && host.Find(r) is not null))
                {
                    return false;
                }
            }

            foreach (var move in unit.Moves.Where(m => m.To is not null))
            {
                var (gpu, window) = move.To!.Value;
                _steps.Add(new ReserveInstanceStep(gpu, move.Profile, window, move.Vms));
                host.Create(gpu, move.Profile.Id, window);
            }

            return unit.Vms.All(TryStart) && unit.Moves.All(m => m.To is not { } to || IsUsed(to.Gpu, to.Window));
        }

        private bool TryStart(RestartableVm vm)
        {
            if (host.Start(vm) is not { } started)
            {
                return false;
            }

            var step = new StartVmStep(
                vm.Vm, [.. started.Vgpus.Select(v => new ExpectedVgpu(v.Type, v.Gpu, host.FindWindow(v)))]);
            _steps.Add(step);
            _done.Add((vm, step));
            return true;
        }

        private bool IsOf(VmVgpuRequest request, PciAddress gpu, GpuInstanceProfile profile) =>
            host[gpu].Types.GetValueOrDefault(request.Type)?.Profile == profile.Id;

        private bool IsUsed(PciAddress gpu, Placement window) => host[gpu].Instances.Any(
            i => i.Placement == window && host[gpu].Active.Any(a => a.GpuInstance == i.Id));

        private sealed record Unit(IReadOnlyList<RestartableVm> Vms, IReadOnlyList<InstanceMove> Moves);
    }
}

/// <summary>An instance that goes elsewhere with the VMs on it.</summary>
/// <param name="Gpu">Its GPU.</param>
/// <param name="Instance">The instance.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="Vms">The VMs on it.</param>
/// <param name="To">Where it goes; null where another has room for what is on it.</param>
public sealed record InstanceMove(
    PciAddress Gpu, GpuInstance Instance, GpuInstanceProfile Profile, IReadOnlyList<VmId> Vms,
    (PciAddress Gpu, Placement Window)? To);
