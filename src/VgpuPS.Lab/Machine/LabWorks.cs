using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Machine;

/// <summary>Programs in guests that work on their vGPUs while the machine's time goes on.</summary>
/// <remarks>Source: facts/measuring.md F23 and facts/host-behaviour.md 6 for shares of time: equal share divides by the
/// vGPUs that run, fixed share by those that could.</remarks>
internal static class LabWorks
{
    private const uint EqualShare = 2;
    private const uint FixedShare = 3;
    private const double Percent = 100;

    // Of a program beside another load of its own guest (assumed).
    private const double LeastWeight = 0.1;
    private const long NanosecondsPerTick = 100;

    /// <summary>Lets time pass, from one thing that happens to the next.</summary>
    public static void Pass(LabState state, long target)
    {
        var (from, wall) = (state.MonotonicNs, state.WallTicks);
        while (state.MonotonicNs < target)
        {
            var now = state.MonotonicNs;
            var working = Begin(state);
            var next = Math.Max(now + 1, Math.Min(target, NextEdge(state, working) ?? target));
            state.Gpus.ForEach(gpu => LabLoads.Pass(state, gpu, next - now));
            working.ForEach(w => w.Add((next - now) / 1e9));
            (state.MonotonicNs, state.WallTicks) = (next, wall + ((next - from) / NanosecondsPerTick));
            Converge(state);
        }

        Begin(state);
    }

    /// <summary>Ends programs and guests whose time has come.</summary>
    public static void Converge(LabState state)
    {
        foreach (var guest in state.Guests)
        {
            if (guest.DiesAtNs <= state.MonotonicNs)
            {
                (guest.IsDead, guest.DiesAtNs) = (true, null);
            }

            if (guest.Programs.Count > 0
                && (guest.IsDead || !state.Processes.Exists(p => p.Vm == guest.Vm)))
            {
                guest.Programs.RemoveAll(p => p.Work is not null);
            }

            foreach (var program in guest.Programs.Where(
                p => p.IsWorking && p.Work!.Converge(guest.Vm, state.MonotonicNs)))
            {
                LabGuestTools.End(state, guest, program);
            }
        }
    }

    // Who works from now on, and what NVML shows of it.
    private static List<LabWorking> Begin(LabState state)
    {
        var working = Find(state);
        foreach (var gpu in state.Gpus.Where(g => working.Count > 0 || g.Vgpus.Exists(v => v.ProgramLoad is not null)))
        {
            gpu.Vgpus.ForEach(v => v.ProgramLoad = null);
            gpu.Meters.ClockFactor = working.Find(w => w.Gpu == gpu)?.ClockFactor ?? 1;
        }

        working.ForEach(w => w.Begin(state.MonotonicNs));
        return working;
    }

    private static long? NextEdge(LabState state, List<LabWorking> working)
    {
        var now = state.MonotonicNs;
        var edges = state.Guests.Where(g => g.DiesAtNs is not null).Select(g => g.DiesAtNs!.Value)
            .Concat(state.Guests.SelectMany(g => g.Programs.Where(p => p.IsWorking).Select(p => p.Work!))
                .Select(work => work.NextEdge(now, working.Find(w => w.Work == work)?.Rate ?? 1)))
            .Where(edge => edge > now).ToList();
        return edges.Count > 0 ? edges.Min() : null;
    }

    private static List<LabWorking> Find(LabState state)
    {
        var found = new List<LabWorking>();
        var programs = state.Guests
            .SelectMany(g => g.Programs.Where(p => p.IsWorking && p.Work!.WorksAt(state.MonotonicNs))
                .Select(p => (Guest: g, Work: p.Work!, Place: LabGridd.FindVgpu(state, g))))
            .Where(p => p.Place.Gpu is not null).ToList();
        foreach (var gpu in programs.GroupBy(p => p.Place.Gpu!))
        {
            var own = gpu.Select(p => (
                p.Work, Vgpu: p.Place.Vgpu!, Worker: LabWorkers.Of(state, gpu.Key, p.Guest, p.Place.Vgpu!, p.Work)))
                .ToList();
            var shared = own.Select(o => o.Worker with
            {
                Weight = Math.Max(LeastWeight, 1 - LabWorkers.LoadOf(o.Vgpu))
                    / own.Count(other => other.Vgpu == o.Vgpu),
                Limit = LimitOf(gpu.Key, o.Vgpu),
            }).ToList();
            var others = LabLoads.Running(gpu.Key).Where(v => LabWorkers.LoadOf(v) > 0)
                .Select(v => LabWorkers.Other(gpu.Key, v) with { Limit = LimitOf(gpu.Key, v) });
            var rates = PerformanceModel.Compute(LabWorkers.SpeedOf(gpu.Key), [.. shared, .. others]);
            found.AddRange(own.Select((o, i) => new LabWorking(
                gpu.Key, o.Vgpu, o.Work, rates.Rates[i], rates.Shares[i], rates.ClockFactor)));
        }

        return found;
    }

    private static double LimitOf(LabGpu gpu, LabVgpu vgpu) => vgpu.GpuInstance is not null ? 1
        : gpu.SchedulerPolicy switch
        {
            EqualShare => 1.0 / Math.Max(1, LabLoads.Running(gpu).Count()),
            FixedShare => 1.0 / Math.Max(1, gpu.Model.FindType(vgpu.Type)?.MaxInstances ?? 1),
            _ => 1,
        };

    /// <summary>A program at work.</summary>
    private sealed record LabWorking(
        LabGpu Gpu, LabVgpu Vgpu, LabGuestWork Work, double Rate, double Share, double ClockFactor)
    {
        // How much of memory and tensor cores each kind of work uses is assumed.
        public void Begin(long now)
        {
            Work.BeginSample(now, Rate);
            var load = Vgpu.ProgramLoad ??= new LabVgpuLoad();
            var (sm, memory, tensor) = Work.Demand switch
            {
                PerformanceDemand.DeviceMemory => (1.0, 0.85, 0.0),
                PerformanceDemand.Gemm => (1.0, 0.3, 0.8),
                PerformanceDemand.TensorLoop => (1.0, 0.0, 0.95),
                _ => (0.01, 0.05, 0.0),
            };
            var share = Work.Demand is PerformanceDemand.HostToDevice or PerformanceDemand.DeviceToHost ? 1 : Share;
            (load.Sm, load.Memory, load.Tensor, load.Occupancy) = (
                load.Sm + (Percent * share * sm), load.Memory + (Percent * share * memory),
                load.Tensor + (Percent * share * tensor), Math.Max(load.Occupancy, Percent * share * sm / 4));
        }

        public void Add(double seconds)
        {
            Work.Add(Rate * seconds);
            var bytes = Rate * seconds * 1e9;
            Gpu.Meters.PcieReceived += Work.Demand == PerformanceDemand.HostToDevice ? bytes : 0;
            Gpu.Meters.PcieTransmitted += Work.Demand == PerformanceDemand.DeviceToHost ? bytes : 0;
        }
    }
}

public sealed partial class LabHost
{
    /// <summary>Lets the licence of a guest end: its vGPU is slowed down from then on.</summary>
    /// <param name="vm">The VM; nothing happens where the lab has no guest for it.</param>
    /// <param name="time">When, from now.</param>
    public void LetLicenseEnd(int vm, TimeSpan time) => Edit(state =>
    {
        if (state.Guests.Find(g => g.Vm == vm) is { } guest)
        {
            LabGridd.EndLicense(this, guest, time);
            LabGridd.CatchUp(this, guest);
        }
    });

    /// <summary>Lets the kernel of a guest stop for ever: neither its agent nor its sshd answers then, and the VM
    /// runs on.</summary>
    /// <param name="vm">The VM; nothing happens where the lab has no guest for it.</param>
    /// <param name="time">When, from now.</param>
    public void LetGuestDie(int vm, TimeSpan time) => Edit(state =>
    {
        if (state.Guests.Find(g => g.Vm == vm) is { } guest)
        {
            guest.DiesAtNs = state.MonotonicNs + (long)time.TotalNanoseconds;
            LabWorks.Converge(state);
        }
    });
}

/// <summary>Those who work on a GPU, as the model of its speed sees them.</summary>
internal static class LabWorkers
{
    // Source: facts/host-behaviour.md 9: a guest without licence is slowed down; how much is not known (assumed).
    private const double Unlicensed = 0.1;
    private const uint Restricted = 3;

    /// <summary>What the GPU can at most.</summary>
    public static GpuModelSpeed SpeedOf(LabGpu gpu) => gpu.Model.Speed ?? GpuModel.Load("A30").Speed!;

    /// <summary>Multiprocessors that a guest's vGPU shows; 0 where there is no compute instance for it.</summary>
    public static int MultiprocessorsOf(LabGpu gpu, LabGuest guest, LabVgpu vgpu)
    {
        if (ProfileOf(gpu, vgpu) is not { } profile)
        {
            return SpeedOf(gpu).Multiprocessors;
        }

        var own = guest.ComputeInstances.Count == 0 ? null
            : profile.ComputeProfiles.FirstOrDefault(c => c.Name == "MIG " + guest.ComputeInstances[0]);
        return guest.ComputeInstanceIsMissing ? 0 : own?.Multiprocessors ?? profile.Multiprocessors;
    }

    /// <summary>Profile of a MIG-backed vGPU's instance; null for a time-sliced one.</summary>
    public static GpuModelProfile? ProfileOf(LabGpu gpu, LabVgpu vgpu) =>
        gpu.Instances.Find(i => i.Id == vgpu.GpuInstance) is { } instance && vgpu.GpuInstance is not null
            ? gpu.Model.FindProfile(instance.Profile) : null;

    public static PerformanceWorker Of(LabState state, LabGpu gpu, LabGuest guest, LabVgpu vgpu, LabGuestWork work) =>
        new(work.Demand, MultiprocessorsOf(gpu, guest, vgpu), MemoryOf(gpu, vgpu))
        {
            GpuInstance = vgpu.GpuInstance,
            Size = (work.M, work.N, work.K),
            Slowdown = LabGridd.StateAt(state, guest) == Restricted ? Unlicensed : 1,
        };

    public static PerformanceWorker Other(LabGpu gpu, LabVgpu vgpu) =>
        new(PerformanceDemand.Other, ProfileOf(gpu, vgpu)?.Multiprocessors ?? SpeedOf(gpu).Multiprocessors,
            MemoryOf(gpu, vgpu))
        {
            GpuInstance = vgpu.GpuInstance,
            Weight = LoadOf(vgpu),
        };

    /// <summary>What a guest uses beside programs that measure, 0 to 1.</summary>
    public static double LoadOf(LabVgpu vgpu) => Math.Clamp((vgpu.Load?.Sm ?? 0) / 100, 0, 1);

    private static double MemoryOf(LabGpu gpu, LabVgpu vgpu) => ProfileOf(gpu, vgpu) is { } profile
        ? (double)profile.PlacementSize / gpu.Model.MemorySlices : 1;
}
