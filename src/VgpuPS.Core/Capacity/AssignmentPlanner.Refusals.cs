namespace VgpuPS.Core.Capacity;

public sealed partial class AssignmentPlanner
{
    /// <summary>Says who holds what on the GPUs that could have served, and what stopping whom would free.</summary>
    private VgpuException RefuseCapacity(VmVgpuRequest request)
    {
        var gpus = FindUsable(request).Select(c => c.Gpu).Distinct().Select(g => _host[g]).ToList();
        var type = TypeOn(gpus[0].Address, request);
        if (!type.IsMigBacked)
        {
            return RefuseTimeSliced(request, type, gpus);
        }

        var profile = gpus.Select(g => g.FindProfile(type.Profile!.Value)).OfType<GpuInstanceProfile>()
            .FirstOrDefault();
        if (profile is null)
        {
            return new ObjectNotFoundException(
                ErrorIds.VgpuTypeNotFound,
                $"{type.ShortName} of {request.Name} needs a GPU instance of profile {type.Profile}, which GPU "
                    + $"{gpus[0].Address} ({gpus[0].Model}) does not offer",
                "see its profiles: nvidia-smi mig -lgip", type.Id.MdevName);
        }

        var asRead = _input.Gpus.ToDictionary(g => g.Address);
        var others = _needing.Where(r => r != request).Select(r => r.Name).ToList();
        var states = gpus.Select(g => $"GPU {g.Address} ({g.Model}): {DescribeInstances(asRead[g.Address])}");
        var waiting = _host.Pending.Select(p => p.Vm).Distinct().Order().ToList();
        var message = $"insufficient capacity for {type.ShortName} of {request.Name} (GPU instance {profile.Name})"
            + (others.Count == 0 ? ": " : $" beside {string.Join(" and ", others)}: ")
            + string.Join("; ", states)
            + (waiting.Count == 0 ? "" : $"; pending allocations: {Join(waiting)}");
        return new CapacityException(
            ErrorIds.NoFreePlacement, message, AdviseStops(request, type), gpus[0].Address.ToString());
    }

    private CapacityException RefuseTimeSliced(VmVgpuRequest request, VgpuType type, IReadOnlyList<GpuState> gpus)
    {
        var texts = gpus.Select(g =>
        {
            var on = GpuCapacity.Occupants(g).Select(o => o.Type).GroupBy(t => t.ShortName)
                .Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Count()} x {t.Key}"));
            var rule = g.MixedSizes
                ? string.Create(CultureInfo.InvariantCulture, $"one needs {type.FramebufferMiB} MiB")
                : string.Create(CultureInfo.InvariantCulture,
                    $"the maximum is {type.MaxPerGpu} x {type.ShortName}, "
                        + $"and all vGPUs of one GPU must have the same size");
            return $"GPU {g.Address} ({g.Model}) has {string.Join(", ", on)}: {DescribeOccupied(g)}; {rule}";
        });
        return new CapacityException(
            ErrorIds.TypeNotCreatable,
            $"insufficient capacity for {type.ShortName} of {request.Name}: {string.Join("; ", texts)}",
            $"{AdviseTimeSliced(type, gpus)}, then: qm start {request.Vm}",
            gpus[0].Address.ToString());
    }

    /// <summary>
    /// The fewest VMs whose stop frees capacity; another size only where it is the size that is in the way.
    /// </summary>
    private string AdviseTimeSliced(VgpuType type, IReadOnlyList<GpuState> gpus)
    {
        var stop = gpus.Select(g => FindMinStops(type, g)).OfType<IReadOnlyList<VmId>>().MinBy(s => s.Count);
        var text = stop is null
            ? StopHolders(gpus)
            : $"stop {Join(stop)} ({string.Join("; ", stop.Select(v => $"qm shutdown {v}"))})";
        var isOther = gpus.Any(
            g => !g.MixedSizes && GpuCapacity.Occupants(g).Any(o => o.Type.FramebufferMiB != type.FramebufferMiB));
        return isOther ? $"{text}, or choose the size already on it (vgpu-hook show)" : text;
    }

    private List<VmId>? FindMinStops(VgpuType type, GpuState gpu)
    {
        var holders = gpu.Functions.Where(f => f.IsOccupied).SelectMany(f => FindHolders(f).Select(h => h.Vm)
            .OfType<VmId>().Select(vm => (Vm: vm, MiB: SizeOn(gpu, f)))).GroupBy(h => h.Vm)
            .OrderByDescending(h => h.Sum(x => x.MiB)).ThenBy(h => h.Key).Select(h => h.Key).ToList();
        if (holders.Where(v => Without(gpu, [v]).HasCapacityFor(type)).Order().Take(1).ToList() is [var one])
        {
            return [one];
        }

        // Largest first: where sizes mix that is fewest, and where they must be equal all have to go anyway.
        return Enumerable.Range(2, Math.Max(0, holders.Count - 1)).Select(n => holders.Take(n).Order().ToList())
            .FirstOrDefault(s => Without(gpu, s).HasCapacityFor(type));
    }

    private static long SizeOn(GpuState gpu, VirtualFunction function) => function.Devices.Select(d => d.Type)
        .Append(function.CurrentType).OfType<VgpuTypeId>()
        .Sum(t => gpu.Types.TryGetValue(t, out var type) ? type.FramebufferMiB : 0);

    private string DescribeInstances(GpuState gpu)
    {
        if (gpu.Instances.Count == 0)
        {
            return "empty";
        }

        var holders = FindInstanceHolders(gpu);
        return string.Join(", ", gpu.Instances.OrderBy(i => i.Placement).Select(i =>
        {
            var vms = holders[i.Id].ToList();
            return $"{NameOf(gpu, i)} at {i.Placement} ({(vms.Count == 0 ? DescribeIdle(gpu, i) : Join(vms))})";
        }));
    }

    /// <summary>An instance of the hook's without a vGPU may be kept for a VM that is about to come back.</summary>
    private string DescribeIdle(GpuState gpu, GpuInstance instance)
    {
        var kept = _host.Pending.Where(p => gpu.Types.GetValueOrDefault(p.Type)?.Profile == instance.Profile
            && p.Candidates.Any(c => gpu.Functions.Any(f => f.Address == c))).Select(p => p.Vm).Distinct().Order()
            .ToList();
        return kept.Count > 0 && _input.Managed.Any(m => m.Gpu == gpu.Address && m.Placement == instance.Placement)
            ? $"kept for {Join(kept)}"
            : "no running VM";
    }

    private ILookup<GpuInstanceId, VmId> FindInstanceHolders(GpuState gpu) => gpu.Active
        .Where(a => a.GpuInstance is not null)
        .Select(a => (Instance: a.GpuInstance!.Value, Vm: FindVm(a)))
        .Where(h => h.Vm is not null)
        .ToLookup(h => h.Instance, h => h.Vm!.Value);

    /// <summary>The VM of a running vGPU: by its mediated device, else by the UUID that Proxmox gives QEMU by
    /// default.</summary>
    private VmId? FindVm(ActiveVgpu vgpu) => vgpu.FindVm(_input.VmsByUuid);

    private static string Join(IReadOnlyList<VmId> vms) => string.Join(", ", vms.Select(v => $"VM {v}"));
}
