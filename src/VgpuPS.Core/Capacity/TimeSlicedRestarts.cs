using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

/// <summary>
/// Finds the fewest restarts that make room for one more time-sliced vGPU. Where a VM comes back is Proxmox's choice,
/// the first function of its mapping that has capacity: only moves to where that leads are found.
/// </summary>
/// <remarks>Source: facts/host-behaviour.md 1.5 (4); facts/proxmox.md (c).</remarks>
public static class TimeSlicedRestarts
{
    /// <summary>Whether the type can be created on a GPU now.</summary>
    public static bool Fits(GpuState gpu, VgpuTypeId type) => gpu.Types.GetValueOrDefault(type) is { } known
        && GpuCapacity.From(gpu).HasCapacityFor(known)
        && gpu.Functions.Any(f => f.Driver == "nvidia" && (f.IsShared || !f.IsOccupied));

    /// <summary>By counting, whether one more could fit if all could move: GPUs of one model, one size each unless
    /// sizes mix.</summary>
    /// <param name="gpus">GPUs that have the type, without MIG mode.</param>
    /// <param name="type">The type.</param>
    public static bool MayFit(IReadOnlyList<GpuState> gpus, VgpuTypeId type)
    {
        var all = gpus.SelectMany(GpuCapacity.Occupants).Select(o => o.Type).Append(gpus[0].Types[type]).ToList();
        if (gpus.Any(g => g.MixedSizes))
        {
            var memory = gpus.Sum(
                g => g.Types.Values.Where(t => !t.IsMigBacked).Max(t => t.FramebufferMiB * t.MaxPerGpu));
            return all.Sum(t => t.FramebufferMiB) <= memory;
        }

        return all.GroupBy(t => t.FramebufferMiB)
            .Sum(g => (g.Count() + Math.Max(1, g.Max(t => t.MaxPerGpu)) - 1) / Math.Max(1, g.Max(t => t.MaxPerGpu)))
            <= gpus.Count;
    }

    /// <summary>Finds them.</summary>
    /// <param name="gpus">All GPUs.</param>
    /// <param name="held">Functions that are reserved for VMs that do not start again.</param>
    /// <param name="vms">VMs that may start again.</param>
    /// <param name="type">The type.</param>
    /// <param name="targets">GPUs on which it is wanted.</param>
    /// <param name="limit">The most restarts.</param>
    /// <returns>The GPU and the sequence; null when there is none.</returns>
    public static (PciAddress Gpu, RestartSequence Sequence)? Find(
        IReadOnlyList<GpuState> gpus, IReadOnlySet<PciAddress> held, IReadOnlyList<RestartableVm> vms,
        VgpuTypeId type, IReadOnlySet<PciAddress> targets, int limit)
    {
        var found = new List<(int Restarts, long MiB, PciAddress Gpu, RestartSequence Sequence)>();
        foreach (var target in gpus.Where(g => targets.Contains(g.Address)))
        {
            foreach (var set in FindSets(target, vms, type).Where(s => s.Count <= limit))
            {
                IReadOnlyList<RestartableVm>[] orders = [set, [.. set.Reverse()]];
                var way = orders.Select(o => RestartInTurn(gpus, held, o))
                    .FirstOrDefault(w => w is not null && Fits(w.After.First(g => g.Address == target.Address), type));
                if (way is not null)
                {
                    var moved = set.SelectMany(v => v.Vgpus).Sum(v => v.Type.FramebufferMiB);
                    found.Add((set.Count, moved, target.Address, way));
                }
            }
        }

        return found.Count == 0 ? null : found.OrderBy(f => f.Restarts).ThenBy(f => f.MiB).ThenBy(f => f.Gpu)
            .Select(f => ((PciAddress, RestartSequence)?)(f.Gpu, f.Sequence)).First();
    }

    /// <summary>Sets of VMs without which the type fits on a GPU: each alone, the largest ones, and all.</summary>
    private static IEnumerable<IReadOnlyList<RestartableVm>> FindSets(
        GpuState gpu, IReadOnlyList<RestartableVm> vms, VgpuTypeId type)
    {
        var own = vms.Where(v => v.Vgpus.Any(g => g.Gpu == gpu.Address)).OrderBy(v => v.Vm).ToList();
        var largest = own.OrderByDescending(
            v => v.Vgpus.Where(g => g.Gpu == gpu.Address).Sum(g => g.Type.FramebufferMiB)).ToList();
        return own.Select(v => (IReadOnlyList<RestartableVm>)[v])
            .Concat(Enumerable.Range(2, Math.Max(0, own.Count - 1))
                .Select(n => largest.Take(n).OrderBy(v => v.Vm).ToList()))
            .Where(set =>
            {
                var without = new RestartSimulation([gpu], new HashSet<PciAddress>());
                set.Select(v => v with { Vgpus = [.. v.Vgpus.Where(g => g.Gpu == gpu.Address)] }).ToList()
                    .ForEach(without.Stop);
                return Fits(without[gpu.Address], type);
            });
    }

    private static RestartSequence? RestartInTurn(
        IReadOnlyList<GpuState> gpus, IReadOnlySet<PciAddress> held, IReadOnlyList<RestartableVm> vms)
    {
        var host = new RestartSimulation(gpus, held);
        var steps = new List<RestartStep>();
        var done = new List<(RestartableVm, StartVmStep)>();
        foreach (var vm in vms)
        {
            host.Stop(vm);
            if (host.Start(vm) is not { } started)
            {
                return null;
            }

            var start = new StartVmStep(
                vm.Vm, [.. started.Vgpus.Select(v => new ExpectedVgpu(v.Type, v.Gpu, host.FindWindow(v)))]);
            steps.AddRange([new StopVmStep(vm.Vm), start]);
            done.Add((vm, start));
        }

        return new RestartSequence(steps, done, [.. host.Gpus]);
    }
}
