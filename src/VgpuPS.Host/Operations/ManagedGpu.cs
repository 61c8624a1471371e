using VgpuPS.Core.Claims;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations;

/// <summary>A GPU's state with its vGPUs and whose they are, and with what can be set on it; it knows all its
/// types.</summary>
internal sealed record ManagedGpu : GpuState
{
    public ManagedGpu(GpuState state)
        : base(state)
    {
    }

    /// <summary>vGPUs, running or only prepared, in the order of their functions.</summary>
    public required IReadOnlyList<PlacedVgpu> Vgpus { get; init; }

    /// <summary>Claims of starts that have not got their vGPU yet.</summary>
    public required IReadOnlyList<VgpuClaim> Pending { get; init; }

    /// <summary>Scheduler of time-sliced vGPUs; null where there is none.</summary>
    public required VgpuScheduler? Scheduler { get; init; }

    /// <summary>What it can be set to; null where the driver does not report it.</summary>
    public required VgpuSchedulerLimits? SchedulerLimits { get; init; }

    /// <summary>Whether the GPU can mix sizes of vGPUs; null when the driver does not report it.</summary>
    public required bool? CanMixSizes { get; init; }

    public required IReadOnlyDictionary<GpuInstanceId,
        IReadOnlyList<ComputeInstanceProfile>> ComputeProfiles
    { get; init; }

    /// <summary>A profile by name or by number; null when the GPU has none.</summary>
    public GpuInstanceProfile? FindProfile(string text) => ProfileNames.Find(Profiles, text)
        ?? Profiles.FirstOrDefault(p => p.Id.ToString() == text.Trim());

    /// <summary>Name of an instance's profile.</summary>
    public string NameOf(GpuInstance instance) => NameOf(instance.Profile);

    /// <summary>For display: <c>GPU instance 3 (2g.12gb at 0:2)</c>.</summary>
    public string Describe(GpuInstance instance) =>
        $"GPU instance {instance.Id} ({NameOf(instance)} at {instance.Placement})";

    /// <summary>Name of a compute instance's profile.</summary>
    public string NameOf(GpuInstance instance, ComputeInstance compute) =>
        FindProfile(instance, compute)?.Name ?? $"profile {compute.Profile}";

    /// <summary>A compute instance's profile; null where the driver does not report it.</summary>
    public ComputeInstanceProfile? FindProfile(GpuInstance instance, ComputeInstance compute) =>
        ComputeProfiles.GetValueOrDefault(instance.Id)?.FirstOrDefault(p => p.Id == compute.Profile);

    /// <summary>
    /// vGPUs that sit, or may sit, on an instance: the driver reports the instance only once the VM runs, until then
    /// every
    /// instance of the type's profile may be it.
    /// </summary>
    public IReadOnlyList<PlacedVgpu> VgpusOn(GpuInstance instance) =>
        [.. Vgpus.Where(v => v.Instance is { } id ? id == instance.Id : v.Type?.Profile == instance.Profile)];

    /// <summary>Whether something sits, or may sit, on an instance.</summary>
    public bool IsUsed(GpuInstance instance) => VgpusOn(instance).Count > 0;

    /// <summary>Who uses an instance, for display.</summary>
    public string DescribeUsers(GpuInstance instance) =>
        VgpusOn(instance) is { Count: > 0 } users ? string.Join(", ", users.Select(u => u.Owner).Distinct()) : "no VM";

    /// <summary>What is taken by instances.</summary>
    public Occupancy Occupy(IEnumerable<GpuInstance> instances) => (this with { Instances = [.. instances] }).Occupancy;
}

/// <summary>A vGPU on a function, running or only prepared.</summary>
/// <param name="Function">The function that it is on.</param>
/// <param name="TypeId">Number of its type; null when it is none of NVIDIA's.</param>
/// <param name="Type">Its type; null when the GPU does not know it.</param>
/// <param name="Uuid">Its mediated device; null with vendor VFIO.</param>
/// <param name="Vm">The VM that it belongs to; null when that is unknown.</param>
/// <param name="Active">What the driver says of it; null where its VM does not run.</param>
internal sealed record PlacedVgpu(
    PciAddress Function, VgpuTypeId? TypeId, VgpuType? Type, MdevUuid? Uuid, VmId? Vm, ActiveVgpu? Active)
{
    /// <summary>Name of its type without the product prefix.</summary>
    public string TypeName => Type?.ShortName ?? $"type {TypeId}";

    /// <summary>Whether the driver has it active: its VM runs.</summary>
    public bool IsRunning => Active is not null;

    /// <summary>The GPU instance that it runs on; null when time-sliced, or not running.</summary>
    public GpuInstanceId? Instance => Active?.GpuInstance;

    /// <summary>The step that removes it.</summary>
    public RemoveVgpuStep ToRemoval(PciAddress gpu) => new(gpu, Function, TypeId, Uuid, TypeName);

    /// <summary>Its VM, or its function where it has none, for display.</summary>
    public string Owner => Vm is { } vm ? $"VM {vm}" : $"{TypeName} on function {Function}";
}

/// <summary>Who keeps a GPU from being changed.</summary>
/// <param name="Vms">VMs that run or start with a vGPU of it, or that have one reserved, ascending.</param>
/// <param name="Programs">Programs that compute on it, on the host itself.</param>
internal sealed record GpuUsers(IReadOnlyList<VmId> Vms, IReadOnlyList<GpuClient> Programs);
