using System.Numerics;

namespace VgpuPS.Core.Capacity;

/// <summary>How many more vGPUs of a type a GPU takes, and what ends it there.</summary>
/// <remarks>
/// Source: facts/cluster.md E1: functions, the type's maximum, frame buffer, slices and placements are limits of their
/// own, and the lowest counts. What is pending counts as if it were there, on each GPU where it may get to (E8).
/// Windows of one profile never overlap each other, so that the free ones are counted (facts/mig-profiles.json).
/// </remarks>
public sealed class RemainingCapacity
{
    private readonly GpuState _gpu;
    private readonly GpuCapacity _capacity;
    private readonly IReadOnlyList<ProfileShape> _shapes;
    private readonly int _functions;
    private readonly CapacityRules _rules;
    private readonly Occupancy _occupancy;
    private readonly uint _allSlots;
    private readonly (int All, int Used) _slices;
    private readonly IReadOnlyList<long> _sizes;

    /// <summary>Takes stock of one GPU.</summary>
    /// <param name="gpu">The GPU as read.</param>
    /// <param name="pending">Starts whose vGPU is not there yet.</param>
    /// <param name="rules">What else decides.</param>
    public RemainingCapacity(GpuState gpu, IReadOnlyList<PendingStart> pending, CapacityRules rules)
    {
        _gpu = gpu;
        _rules = rules;
        _capacity = GpuCapacity.From(gpu);
        _shapes = ProfileShape.From(gpu.Profiles);
        _occupancy = gpu.Occupancy;
        _allSlots = _shapes.SelectMany(s => s.Windows).Aggregate(0u, (mask, w) => mask | w.Mask);
        _slices = (
            gpu.Profiles.Select(p => p.ComputeSlices).DefaultIfEmpty(0).Max(),
            gpu.Instances.Sum(i => gpu.FindProfile(i.Profile)?.ComputeSlices ?? 0));
        _sizes = [.. GpuCapacity.Occupants(gpu).Select(o => o.Type).Where(t => !t.IsMigBacked)
            .Select(t => t.FramebufferMiB).Distinct()];
        var free = FreeFunctions(gpu, rules);
        var taken = 0;
        foreach (var start in pending)
        {
            var isHere = start.Candidates.Any(c => c == gpu.Address || gpu.Gpu.IndexOf(c) is not null);
            if (isHere && gpu.Types.TryGetValue(start.Type, out var type) && _capacity.TryPlace(type))
            {
                taken += start.Candidates.Any(free.Contains) ? 1 : 0;
            }
        }

        _functions = free.Contains(gpu.Address) ? int.MaxValue : Math.Max(0, free.Count - taken);
    }

    /// <summary>Functions on which a vGPU may be created, ascending: those that exist and are free, or those that the
    /// hook would enable; the GPU itself where it has no functions.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="rules">What else decides.</param>
    public static IReadOnlyList<PciAddress> FreeFunctions(GpuState gpu, CapacityRules rules)
    {
        var exist = gpu.Functions.Where(f => f.Driver == "nvidia" && !f.LacksTypes && (f.IsShared || !f.IsOccupied))
            .Select(f => f.Address);
        var all = gpu.Functions.Count > 0 ? exist : rules.MayEnableFunctions ? Predicted(gpu) : [];
        return
        [
            .. all.Where(a => !rules.Held.Contains(a) && (rules.Only is not { } only || only.Contains(a))).Order(),
        ];
    }

    /// <summary>Addresses of the functions that a GPU will have; none where they are not known before.</summary>
    /// <param name="gpu">The GPU.</param>
    public static IEnumerable<PciAddress> Predicted(GpuState gpu) => gpu.Gpu.FirstOffset == 0 || gpu.Gpu.Stride == 0
        ? []
        : Enumerable.Range(0, gpu.Gpu.TotalFunctions)
            .Select(i => gpu.Address.Plus(gpu.Gpu.FirstOffset + (i * gpu.Gpu.Stride)));

    /// <summary>Counts.</summary>
    /// <param name="type">A type of this GPU.</param>
    public TypeCapacity Count(VgpuType type)
    {
        if (FindRefusal(type) is { } refusal)
        {
            return new TypeCapacity(0, refusal);
        }

        var trial = _capacity.Clone();
        if (type.IsMigBacked && !_gpu.MigIsOn)
        {
            trial.TurnMigOn();
        }

        var count = 0;
        while (count < _functions && trial.TryPlace(type))
        {
            count++;
        }

        return type.IsMigBacked ? AddInstances(type, count)
            : new TypeCapacity(count, count >= _functions ? CapacityLimit.Functions : FindTimeSlicedLimit(type));
    }

    private CapacityLimit? FindRefusal(VgpuType type) =>
        _gpu.Mig is { } mig && mig.Current != mig.Pending ? CapacityLimit.MigMode
        : type.IsMigBacked && _gpu.Mig is not { Current: true } && !_rules.MayEnableMig ? CapacityLimit.MigMode
        : !type.IsMigBacked && _gpu.MigIsOn ? CapacityLimit.MigMode
        : _functions > 0 ? null
        : _gpu.Functions.Count == 0 ? CapacityLimit.FunctionsDisabled
        : _rules.Only is { } only && !_gpu.Functions.Any(f => only.Contains(f.Address)) ? CapacityLimit.Mapping
        : CapacityLimit.Functions;

    private TypeCapacity AddInstances(VgpuType type, int count)
    {
        var occupancy = _occupancy;
        var profile = _gpu.FindProfile(type.Profile!.Value);
        if (profile is null || _shapes.FirstOrDefault(s => s.Name == profile.Name) is not { } shape)
        {
            return new TypeCapacity(count, CapacityLimit.MigMode);
        }

        var slices = _slices.Used;
        foreach (var window in shape.Windows)
        {
            if (count < _functions && occupancy.Takes(shape, window))
            {
                occupancy = occupancy.With(shape, window);
                slices += profile.ComputeSlices;
                count += Math.Min(type.CapacityPerGpuInstance, _functions - count);
            }
        }

        var free = _allSlots & ~occupancy.Mask;
        return new TypeCapacity(count, count >= _functions ? CapacityLimit.Functions
            : shape.TakesMedia && occupancy.MediaTaken ? CapacityLimit.MediaEngines
            : BitOperations.PopCount(free) >= shape.Size
                && slices + profile.ComputeSlices <= _slices.All
                ? CapacityLimit.Placement : CapacityLimit.Slices);
    }

    private CapacityLimit FindTimeSlicedLimit(VgpuType type) =>
        _sizes.Any(s => s != type.FramebufferMiB)
            ? _gpu.MixedSizes ? CapacityLimit.FrameBuffer : CapacityLimit.SizeRule
            : CapacityLimit.TypeMaximum;
}

/// <summary>What decides beside the GPU itself how many vGPUs it takes.</summary>
/// <param name="Held">Functions that a VM holds, by Proxmox's reservation or by a claim.</param>
/// <param name="Only">Functions that a mapping lets the VM have; null for any.</param>
/// <param name="MayEnableFunctions">Whether the hook enables functions that are disabled.</param>
/// <param name="MayEnableMig">Whether the hook enables MIG mode where it is off, and the GPU is idle.</param>
public sealed record CapacityRules(
    IReadOnlySet<PciAddress> Held, IReadOnlySet<PciAddress>? Only = null, bool MayEnableFunctions = false,
    bool MayEnableMig = false);

/// <summary>How many more of one type.</summary>
/// <param name="Count">The number.</param>
/// <param name="Limit">What the next one would lack.</param>
public readonly record struct TypeCapacity(int Count, CapacityLimit Limit);

/// <summary>What one more vGPU would lack.</summary>
public enum CapacityLimit
{
    /// <summary>Free virtual functions: each carries one vGPU.</summary>
    Functions,

    /// <summary>Functions at all: they are disabled, and the hook must not or cannot enable them.</summary>
    FunctionsDisabled,

    /// <summary>The MIG mode that the type needs.</summary>
    MigMode,

    /// <summary>A GPU without vGPUs of another size: a time-sliced GPU has one size only.</summary>
    SizeRule,

    /// <summary>The most vGPUs of the type that a GPU can have.</summary>
    TypeMaximum,

    /// <summary>Frame buffer beside vGPUs of other sizes.</summary>
    FrameBuffer,

    /// <summary>Slices for a GPU instance.</summary>
    Slices,

    /// <summary>Slices that lie together where the profile may be placed.</summary>
    Placement,

    /// <summary>The media engines, which one GPU instance of a GPU has.</summary>
    MediaEngines,

    /// <summary>Memory of the host for the VM itself.</summary>
    HostMemory,

    /// <summary>CPUs: a VM cannot have more than the host.</summary>
    HostCpus,

    /// <summary>An entry of the mapping.</summary>
    Mapping,
}

/// <summary>Limits in words.</summary>
public static class CapacityLimitText
{
    /// <summary>The limit as a table shows it.</summary>
    /// <param name="limit">The limit.</param>
    public static string Of(CapacityLimit limit) => limit switch
    {
        CapacityLimit.Functions => "functions",
        CapacityLimit.FunctionsDisabled => "functions disabled",
        CapacityLimit.MigMode => "MIG mode",
        CapacityLimit.SizeRule => "size on the GPU",
        CapacityLimit.TypeMaximum => "maximum of type",
        CapacityLimit.FrameBuffer => "frame buffer",
        CapacityLimit.Slices => "slices",
        CapacityLimit.Placement => "placement",
        CapacityLimit.MediaEngines => "media engines",
        CapacityLimit.HostMemory => "host memory",
        CapacityLimit.HostCpus => "host CPUs",
        _ => "mapping",
    };
}
