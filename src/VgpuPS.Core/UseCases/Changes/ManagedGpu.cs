using VgpuPS.Core.Mig;
using VgpuPS.Core.Mig.Planning;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.ShowHost;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Assignment;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.Changes;

/// <summary>One GPU as it was read, with all that decides what may be changed on it.</summary>
internal sealed record ManagedGpu
{
    /// <summary>What the driver and PCI say.</summary>
    public required GpuState State { get; init; }

    /// <summary>The same joined with VMs.</summary>
    public required GpuReport Report { get; init; }

    /// <summary>Scheduler of time-sliced vGPUs; null where there is none.</summary>
    public required VgpuScheduler? Scheduler { get; init; }

    /// <summary>What it can be set to; null where the driver does not tell.</summary>
    public required VgpuSchedulerLimits? SchedulerLimits { get; init; }

    /// <summary>Whether the GPU can mix sizes of vGPUs; null when the driver does not tell.</summary>
    public required bool? CanMixSizes { get; init; }

    /// <summary>Compute instance profiles by GPU instance.</summary>
    public required IReadOnlyDictionary<GpuInstanceId, IReadOnlyList<ComputeInstanceProfile>> ComputeProfiles { get; init; }

    /// <summary>VMs that run or start with a vGPU of this GPU, or that have been promised one, ascending.</summary>
    public required IReadOnlyList<int> BusyVms { get; init; }

    /// <summary>Claims of starts that have not got their vGPU yet.</summary>
    public required IReadOnlyList<VgpuClaim> Promised { get; init; }

    /// <summary>Programs that compute on the GPU, on the host itself.</summary>
    public required IReadOnlyList<GpuClient> Computing { get; init; }

    /// <summary>Ranks free places for a profile on the GPU as given, best first.</summary>
    public required Func<string, GpuState, IReadOnlyList<PlacementChoice>> Rank { get; init; }

    /// <summary>Another GPU of the host that has a profile, for people; null for none.</summary>
    public required Func<string, string?> FindOtherOwner { get; init; }

    /// <summary>Its address.</summary>
    public PciAddress Address => State.Address;

    /// <summary>For people: <c>GPU 0 (NVIDIA A30, 0000:4b:00.0)</c>.</summary>
    public string Text => $"GPU {Report.Index} ({State.Model}, {Address})";

    /// <summary>A profile by name or by number; null when the GPU has none.</summary>
    public GpuInstanceProfile? FindProfile(string text) => ProfileNames.Find(State.Profiles, text)
        ?? State.Profiles.FirstOrDefault(p => p.Id.ToString() == text.Trim());

    /// <summary>Name of an instance's profile.</summary>
    public string NameOf(GpuInstance instance) =>
        State.FindProfile(instance.Profile)?.Name ?? $"profile {instance.Profile}";

    /// <summary>For people: <c>GPU instance 3 (2g.12gb at 0:2)</c>.</summary>
    public string Describe(GpuInstance instance) =>
        $"GPU instance {instance.Id} ({NameOf(instance)} at {instance.Placement})";

    /// <summary>Name of a compute instance's profile.</summary>
    public string NameOf(GpuInstance instance, ComputeInstance compute) =>
        ComputeProfiles.GetValueOrDefault(instance.Id)?.FirstOrDefault(p => p.Id == compute.Profile)?.Name
        ?? $"profile {compute.Profile}";

    /// <summary>
    /// vGPUs that sit, or may sit, on an instance: the driver tells the instance only once the VM runs, until then every
    /// instance of the type's profile may be it.
    /// </summary>
    public IReadOnlyList<VgpuReport> VgpusOn(GpuInstance instance) =>
    [
        .. Report.Vgpus.Where(v => v.GpuInstanceId is { } id
            ? id == instance.Id.Value
            : State.Types.GetValueOrDefault(new VgpuTypeId(v.Type))?.Profile == instance.Profile),
    ];

    /// <summary>Whether something sits, or may sit, on an instance.</summary>
    public bool IsUsed(GpuInstance instance) => VgpusOn(instance).Count > 0;

    /// <summary>Who uses an instance, for people.</summary>
    public string DescribeUsers(GpuInstance instance) =>
        VgpusOn(instance) is { Count: > 0 } users ? string.Join(", ", users.Select(Describe).Distinct()) : "no VM";

    /// <summary>A vGPU's VM, or its function where it has none.</summary>
    public static string Describe(VgpuReport vgpu) =>
        vgpu.VmId is { } vm ? $"VM {vm}" : $"{vgpu.TypeName} on function {vgpu.Function}";

    /// <summary>What is taken by instances.</summary>
    public Occupancy Occupy(IEnumerable<GpuInstance> instances) =>
        (State with { Instances = [.. instances] }).Occupancy;

    /// <summary>VMs by number, for people.</summary>
    public static string Join(IEnumerable<int> vms) => string.Join(", ", vms.Select(v => $"VM {v}"));

    /// <summary>Commands that stop VMs.</summary>
    public static string Shutdown(IEnumerable<int> vms) => string.Join("; ", vms.Select(v => $"qm shutdown {v}"));
}
