using System.Text;

namespace VgpuPS.Core.Capacity;

/// <summary>
/// The driver's own admission rule for one GPU, played without the driver: which vGPU may still be created, and which
/// GPU instance it would be given.
/// </summary>
/// <remarks>
/// Source: facts/host-behaviour.md 1.5 (open kernel module, kernel_vgpu_mgr.c): with MIG the lowest GPU instance id of
/// the type's profile that has capacity, one frame-buffer size per instance; without MIG one frame-buffer size per GPU
/// unless mixed
/// sizes are on, up to the type's maximum.
/// </remarks>
public sealed class GpuCapacity
{
    private readonly List<Slot> _slots = [];
    private readonly bool _mixedSizes;
    private readonly long _memoryMiB;
    private bool _migIsOn;
    private long _usedMiB;
    private long _sizeMiB;
    private int _count;

    private GpuCapacity(bool migIsOn, bool mixedSizes, long memoryMiB)
    {
        _migIsOn = migIsOn;
        _mixedSizes = mixedSizes;
        _memoryMiB = memoryMiB;
    }

    /// <summary>
    /// The capacity of a GPU with all that is on it taken off: devices on functions, and vGPUs of running VMs.
    /// </summary>
    public static GpuCapacity From(GpuState gpu)
    {
        var memory = gpu.Types.Values.Where(t => !t.IsMigBacked)
            .Select(t => t.FramebufferMiB * t.MaxPerGpu).DefaultIfEmpty(0).Max();
        var capacity = new GpuCapacity(gpu.MigIsOn, gpu.MixedSizes, memory);
        foreach (var instance in gpu.Instances.OrderBy(i => i.Id))
        {
            capacity.AddInstance(instance.Profile, instance.Id.Value);
        }

        var occupants = Occupants(gpu).ToLookup(o => o.Instance is not null);
        foreach (var (type, instance) in occupants[true].Concat(occupants[false]))
        {
            capacity.Put(type, instance);
        }

        if (gpu.Creatable is { } creatable && occupants[false].Any(o => o.Type.IsMigBacked))
        {
            capacity.Close(gpu.Types.Values.Where(t => t.IsMigBacked && !creatable.Contains(t.Id)));
        }

        return capacity;
    }

    /// <summary>What is on a GPU: one entry a vGPU, with its GPU instance where that is known.</summary>
    /// <remarks>
    /// A vGPU of a running VM is also a device on a function; where the driver counts more of a type than the functions
    /// show, the larger number counts.
    /// </remarks>
    public static IEnumerable<(VgpuType Type, GpuInstanceId? Instance)> Occupants(GpuState gpu)
    {
        var onFunctions = gpu.Functions
            .SelectMany(f => f.Devices.Select(d => d.Type).Append(f.CurrentType))
            .OfType<VgpuTypeId>().ToLookup(t => t);
        var active = gpu.Active.ToLookup(a => a.Type);
        foreach (var id in onFunctions.Select(g => g.Key).Union(active.Select(g => g.Key)).Order())
        {
            if (!gpu.Types.TryGetValue(id, out var type))
            {
                continue;
            }

            foreach (var vgpu in active[id])
            {
                yield return (type, vgpu.GpuInstance);
            }

            for (var n = active[id].Count(); n < onFunctions[id].Count(); n++)
            {
                yield return (type, null);
            }
        }
    }

    /// <summary>A copy that can be changed on its own.</summary>
    public GpuCapacity Clone()
    {
        var copy = new GpuCapacity(_migIsOn, _mixedSizes, _memoryMiB)
        {
            _usedMiB = _usedMiB,
            _sizeMiB = _sizeMiB,
            _count = _count,
        };
        copy._slots.AddRange(_slots.Select(s => s with { }));
        return copy;
    }

    /// <summary>Enables MIG mode in this snapshot.</summary>
    public void TurnMigOn() => _migIsOn = true;

    /// <summary>Adds a GPU instance that has not got an id yet; it sorts behind the existing ones.</summary>
    public void AddInstance(ProfileId profile) => AddInstance(profile, uint.MaxValue);

    /// <summary>Takes an empty GPU instance away; false when none of that id is empty.</summary>
    public bool RemoveInstance(GpuInstanceId instance)
    {
        var index = _slots.FindIndex(s => s.Id == instance.Value && s.Count == 0);
        if (index >= 0)
        {
            _slots.RemoveAt(index);
        }

        return index >= 0;
    }

    /// <summary>Whether one more of the type can be created now.</summary>
    public bool HasCapacityFor(VgpuType type) => type.IsMigBacked
        ? _migIsOn && FindSlot(type) is not null
        : !_migIsOn && HasTimeSlicedCapacity(type);

    /// <summary>
    /// The GPU instance that the next MIG-backed vGPU of the type gets; null when there is none with capacity.
    /// </summary>
    public GpuInstanceId? FindInstance(VgpuType type) => FindSlot(type) is { } slot ? new GpuInstanceId(slot.Id) : null;

    /// <summary>Creates one of the type in this snapshot; false, and no change, when there is no capacity.</summary>
    public bool TryPlace(VgpuType type)
    {
        if (!HasCapacityFor(type))
        {
            return false;
        }

        Put(type, null);
        return true;
    }

    /// <summary>Two states with the same key admit the same vGPUs.</summary>
    public string Key
    {
        get
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"{_count}/{_sizeMiB}/{_usedMiB}");
            foreach (var slot in _slots)
            {
                text.Append(CultureInfo.InvariantCulture, $";{slot.Profile.Value}:{slot.Count}x{slot.SizeMiB}");
                text.AppendJoin('!', slot.ClosedTo);
            }

            return text.ToString();
        }
    }

    private void AddInstance(ProfileId profile, uint id) => _slots.Add(new Slot { Id = id, Profile = profile });

    private void Put(VgpuType type, GpuInstanceId? instance)
    {
        if (type.IsMigBacked)
        {
            var slot = instance is { } known ? _slots.FirstOrDefault(s => s.Id == known.Value) : null;
            slot ??= FindSlot(type);
            if (slot is not null)
            {
                slot.Count++;
                slot.SizeMiB = type.FramebufferMiB;
            }

            return;
        }

        _count++;
        _sizeMiB = type.FramebufferMiB;
        _usedMiB += type.FramebufferMiB;
    }

    /// <summary>
    /// Where a vGPU sits whose VM does not run yet is unknown, so it was put where it would go now. Where the driver
    /// says
    /// that there is no capacity, it sits elsewhere: what was thought free is not.
    /// </summary>
    private void Close(IEnumerable<VgpuType> types)
    {
        foreach (var type in types)
        {
            while (FindSlot(type) is { } slot)
            {
                slot.ClosedTo.Add(type.Id);
            }
        }
    }

    private Slot? FindSlot(VgpuType type) => _slots.FirstOrDefault(s => s.Profile == type.Profile
        && s.Count < type.CapacityPerGpuInstance && (s.Count == 0 || s.SizeMiB == type.FramebufferMiB)
        && !s.ClosedTo.Contains(type.Id));

    private bool HasTimeSlicedCapacity(VgpuType type) => _mixedSizes
        ? _usedMiB + type.FramebufferMiB <= Math.Max(_memoryMiB, type.FramebufferMiB * type.MaxPerGpu)
        : (_count == 0 || _sizeMiB == type.FramebufferMiB) && _count < Math.Max(1, type.MaxPerGpu);

    private sealed record Slot
    {
        public uint Id { get; init; }

        public ProfileId Profile { get; init; }

        public int Count { get; set; }

        public long SizeMiB { get; set; }

        /// <summary>
        /// Types that it does not take whatever it seems; set when the capacity is read, shared by its copies.
        /// </summary>
        public HashSet<VgpuTypeId> ClosedTo { get; } = [];
    }
}
