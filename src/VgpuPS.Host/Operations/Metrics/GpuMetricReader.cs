using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Metrics;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.Metrics;

/// <summary>Reads one GPU: first what it is and does, with a first sample of performance counters, later the
/// rest.</summary>
internal sealed class GpuMetricReader(
    HostPorts host, IGpuDriverSession driver, GpuReader reader, ClaimFile file, PhysicalFunction gpu,
    MetricCollection found) : IDisposable
{
    private const long BytesPerMiB = 1L << 20;
    private const double Nano = 1e-9;

    private readonly Dictionary<GpuInstanceId, IGpmProbe> _probes = [];
    private readonly Dictionary<GpuInstanceId, GpmReadings> _loads = [];
    private IGpmProbe? _whole;
    private GpuState? _state;
    private string _uuid = "";

    /// <summary>Whether performance counters are read, which takes a pause.</summary>
    public required bool HasCounters { get; init; }

    /// <summary>The GPU's address.</summary>
    public string Address { get; } = gpu.Address.ToString();

    /// <summary>Whether counters are being sampled, so that a pause is due.</summary>
    public bool IsSampling => _whole is { IsRunning: true } || _probes.Values.Any(p => p.IsRunning);

    /// <summary>Whether vGPUs were left out, since reading on is of no use.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>VMs with a vGPU on the GPU.</summary>
    public IEnumerable<VmId> Vms => Vgpus.Select(v => v.Vm).OfType<VmId>();

    private List<PlacedVgpu> Vgpus { get; set; } = [];

    /// <summary>Reads what it is and does.</summary>
    /// <exception cref="VgpuException">It does not answer.</exception>
    public void Begin()
    {
        _state = reader.Read(gpu, []);
        _uuid = _state.Uuid.Value;
        if (_state.MigIsOn && HasCounters)
        {
            _whole = driver.BeginGpm(gpu.Address, null);
            foreach (var instance in _state.Instances)
            {
                _probes[instance.Id] = driver.BeginGpm(gpu.Address, instance.Id);
            }
        }

        Vgpus = reader.FindVgpus(_state);
        found.Add(
            GpuMetrics.Info, 1, Address, _uuid, _state.Model, _state.MigIsOn ? "mig" : "timesliced",
            Number(gpu.NumaNode));
        AddCapacity(_state);
        new GpuReadingMetrics(found, Address, _uuid).Add(driver.ReadGpu(gpu.Address), _state);
        AddScheduler();
    }

    /// <summary>Reads what needs a second sample, and the vGPUs.</summary>
    public void End()
    {
        var state = _state!;
        foreach (var (id, probe) in _probes)
        {
            _loads[id] = probe.End();
        }

        if (_whole is { } whole)
        {
            found.Add(GpuMetrics.Busy, Address, OrSum(state, whole.End().Graphics), Address, _uuid);
        }

        foreach (var instance in state.Instances)
        {
            AddInstance(state, instance);
        }

        var loads = driver.ReadVgpuLoads(gpu.Address, out var why);
        var vgpus = new VgpuMetricReader(driver, found, state);
        foreach (var vgpu in Vgpus)
        {
            if (found.IsOver)
            {
                IsGivenUp = true;
                return;
            }

            vgpus.Read(vgpu, FindLoad(vgpu, loads, why));
        }

        found.Add(GpuMetrics.Vgpus, Vgpus.Count(v => v.IsRunning), Address, _uuid, "running");
        found.Add(GpuMetrics.Vgpus, Vgpus.Count(v => !v.IsRunning), Address, _uuid, "prepared");
        found.Add(GpuMetrics.Up, 1, Address);
    }

    /// <summary>vGPUs that were made for VMs that neither run nor start.</summary>
    public int CountOrphans() => Vgpus.Count(
        v => !v.IsRunning && v.Vm is { } vm && !file.Claims.Any(c => c.Vm == vm)
            && !host.Proxmox.IsRunning(vm) && !host.Proxmox.IsLocked(vm));

    public void Dispose()
    {
        _whole?.Dispose();
        foreach (var probe in _probes.Values)
        {
            probe.Dispose();
        }
    }

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private void AddCapacity(GpuState state)
    {
        if (state.Mig is { } mig)
        {
            found.Add(GpuMetrics.Mig, mig.Current ? 1 : 0, Address, _uuid);
            found.Add(GpuMetrics.MigPending, mig.Pending ? 1 : 0, Address, _uuid);
        }

        var free = FindFree(state);
        if (gpu.TotalFunctions > 0)
        {
            found.Add(GpuMetrics.FunctionsFree, free.Count, Address);
        }

        if (state.MigIsOn)
        {
            AddProfiles(state);
        }
        else
        {
            AddTypes(state, gpu.EnabledFunctions > 0 ? free.Count : Math.Max(gpu.TotalFunctions, 0));
        }
    }

    private void AddProfiles(GpuState state)
    {
        var slices = state.Profiles.SelectMany(p => p.Placements).Select(p => p.Start + p.Size).DefaultIfEmpty(0).Max();
        found.Add(GpuMetrics.Slices, slices, Address, _uuid);
        found.Add(GpuMetrics.FreeSlices, slices - state.Instances.Sum(i => i.Placement.Size), Address, _uuid);
        foreach (var shape in ProfileShape.From(state.Profiles))
        {
            var limit = state.Profiles.First(p => p.Name == shape.Name).MaxInstances;
            found.Add(
                GpuMetrics.ProfileFree, state.Occupancy.Count(shape, limit), Address, _uuid, shape.Name);
        }
    }

    /// <summary>Types that can be created, and those on the GPU that cannot any more.</summary>
    private void AddTypes(GpuState state, int functions)
    {
        IReadOnlyList<VgpuTypeId> creatable;
        try
        {
            creatable = driver.GetCreatableTypes(gpu.Address);
        }
        catch (HostNotReadyException)
        {
            // The installed driver offers no vGPUs.
            return;
        }

        var types = state.Types.Values.Concat(creatable.Where(t => !state.Types.ContainsKey(t))
            .Select(t => driver.FindType(gpu.Address, t)).OfType<VgpuType>()).Where(state.FitsMode)
            .OrderBy(t => t.Id).ToList();
        var all = state with { Types = types.ToDictionary(t => t.Id), Creatable = creatable };
        var limit = gpu.TotalFunctions > 0 ? functions : int.MaxValue;
        var now = GpuCapacity.From(all);
        foreach (var type in types)
        {
            var (capacity, count) = (now.Clone(), 0);
            while (count < limit && count < Math.Max(1, type.MaxPerGpu) && creatable.Contains(type.Id)
                && capacity.TryPlace(type))
            {
                count++;
            }

            found.Add(GpuMetrics.TypeFree, count, Address, _uuid, type.ShortName);
        }
    }

    private List<VirtualFunction> FindFree(GpuState state)
    {
        var taken = reader.Reservations.Where(r => r.IsHeld).Select(r => r.Function)
            .Concat(file.Claims.Select(c => c.Function).OfType<PciAddress>()).ToHashSet();
        return
        [
            .. state.Functions.Where(f => !f.IsShared && !f.IsOccupied && f.Driver == "nvidia"
                && f.Backend != VgpuBackend.None && !taken.Contains(f.Address)),
        ];
    }

    private void AddScheduler()
    {
        if (driver.GetScheduler(gpu.Address) is { } scheduler)
        {
            found.Add(
                GpuMetrics.Scheduler, 1, Address, _uuid,
                scheduler.Policy switch
                {
                    SchedulerPolicy.BestEffort => "best_effort",
                    SchedulerPolicy.EqualShare => "equal_share",
                    SchedulerPolicy.FixedShare => "fixed_share",
                    _ => "unknown",
                });
            if (scheduler.Policy is not (null or SchedulerPolicy.BestEffort) && scheduler.TimesliceNanoseconds > 0)
            {
                found.Add(GpuMetrics.Timeslice, scheduler.TimesliceNanoseconds * Nano, Address, _uuid);
            }
        }

        var run = driver.ReadSchedulerRun(gpu.Address);
        foreach (var (runlist, reading) in run.RunSeconds)
        {
            found.Add(GpuMetrics.RunTime, Address, reading, Address, _uuid, runlist);
        }

        if (run.RunSeconds.Count == 0)
        {
            found.Add(
                GpuMetrics.RunTime, Address, Reading.Missing(
                    run.Absence == MetricAbsence.None ? MetricAbsence.NoSample : run.Absence),
                Address, _uuid, null);
        }
    }

    private void AddInstance(GpuState state, GpuInstance instance)
    {
        var profile = state.FindProfile(instance.Profile);
        string?[] labels = [Address, _uuid, instance.Id.ToString(), state.NameOf(instance.Profile)];
        found.Add(
            InstanceMetrics.Info, 1,
            [.. labels, Number(instance.Placement.Start), IsMadeByHook(instance) ? "hook" : "user"]);
        if (profile is { MemoryMiB: > 0 })
        {
            found.Add(InstanceMetrics.Memory, profile.MemoryMiB * BytesPerMiB, labels);
        }

        found.Add(InstanceMetrics.Vgpus, Vgpus.Count(v => v.Instance == instance.Id), labels);
        if (!_loads.TryGetValue(instance.Id, out var load))
        {
            return;
        }

        found.Add(InstanceMetrics.Busy, Address, load.Graphics, labels);
        found.Add(InstanceMetrics.Sm, Address, load.Sm, labels);
        found.Add(InstanceMetrics.Occupancy, Address, load.Occupancy, labels);
        found.Add(InstanceMetrics.Tensor, Address, load.Tensor, labels);
        found.Add(InstanceMetrics.Dram, Address, load.Dram, labels);
    }

    private bool IsMadeByHook(GpuInstance instance) =>
        file.Instances.Any(m => m.Gpu == gpu.Address && m.IsOurs && m.Instance == instance.Id);

    /// <summary>What the whole GPU's counters say; else what its instances' do, by their compute slices.</summary>
    /// <remarks>Source: facts/metrics.md A6.</remarks>
    private Reading OrSum(GpuState state, Reading whole)
    {
        var slices = state.Profiles.Select(p => p.ComputeSlices).DefaultIfEmpty(0).Max();
        return whole.Value is not null || slices == 0 || _loads.Values.Any(l => l.Graphics.Value is null)
            || _loads.Count == 0
            ? whole
            : Reading.Of(state.Instances.Sum(
                i => _loads[i.Id].Graphics.Value!.Value * (state.FindProfile(i.Profile)?.ComputeSlices ?? 0) / slices));
    }

    /// <summary>A vGPU's load: the driver's where time-sliced, its GPU instance's where it is alone there.</summary>
    /// <remarks>Source: facts/metrics.md A6.</remarks>
    private VgpuLoad FindLoad(PlacedVgpu vgpu, IReadOnlyDictionary<uint, VgpuLoad> loads, MetricAbsence why)
    {
        if (vgpu.Instance is not { } instance)
        {
            return vgpu.Active is { } active && loads.TryGetValue(active.Handle, out var load)
                ? load : VgpuLoad.Missing(why);
        }

        return vgpu.Type is { CapacityPerGpuInstance: 1 } && _loads.TryGetValue(instance, out var own)
            ? VgpuLoad.Missing(MetricAbsence.NotSupported) with { Sm = own.Sm, Memory = own.Dram }
            : VgpuLoad.Missing(MetricAbsence.NotSupported);
    }
}
