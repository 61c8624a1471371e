using System.Text;

namespace VgpuPS.Core.Capacity;

/// <summary>The capacity of several GPUs and their free functions, and Proxmox's way of choosing among them.</summary>
/// <remarks>
/// Source: facts/proxmox.md (c): the first alternative that can be reserved and whose type can be set; on failure the
/// next.
/// </remarks>
public sealed class HostCapacity
{
    private readonly Dictionary<PciAddress, GpuCapacity> _gpus;
    private readonly Dictionary<PciAddress, PciAddress> _owners;
    private readonly IReadOnlyDictionary<(PciAddress Gpu, VgpuTypeId Type), VgpuType> _types;
    private readonly SortedSet<PciAddress> _free;

    /// <summary>Builds the snapshot.</summary>
    /// <param name="gpus">Capacity by GPU.</param>
    /// <param name="owners">GPU by function.</param>
    /// <param name="types">Types by GPU and number.</param>
    /// <param name="free">Functions that are not held.</param>
    public HostCapacity(
        IReadOnlyDictionary<PciAddress, GpuCapacity> gpus, IReadOnlyDictionary<PciAddress, PciAddress> owners,
        IReadOnlyDictionary<(PciAddress Gpu, VgpuTypeId Type), VgpuType> types, IEnumerable<PciAddress> free)
    {
        _gpus = gpus.ToDictionary(r => r.Key, r => r.Value.Clone());
        _owners = owners.ToDictionary(o => o.Key, o => o.Value);
        _types = types;
        _free = [.. free];
    }

    /// <summary>A copy that can be changed on its own.</summary>
    public HostCapacity Clone() => new(_gpus, _owners, _types, _free);

    /// <summary>The capacity of one GPU; changes count.</summary>
    public GpuCapacity this[PciAddress gpu] => _gpus[gpu];

    /// <summary>Whether the function is free.</summary>
    public bool IsFree(PciAddress function) => _free.Contains(function);

    /// <summary>Where Proxmox would put this start now; null when nowhere.</summary>
    public PciAddress? FindPlacement(PendingStart start)
    {
        foreach (var function in start.Candidates)
        {
            if (_free.Contains(function) && _owners.TryGetValue(function, out var gpu)
                && _types.TryGetValue((gpu, start.Type), out var type) && _gpus[gpu].HasCapacityFor(type))
            {
                return function;
            }
        }

        return null;
    }

    /// <summary>Lets the start happen as Proxmox would; false, and no change, when there is nowhere to go.</summary>
    public bool TryPlace(PendingStart start)
    {
        if (FindPlacement(start) is not { } function)
        {
            return false;
        }

        var gpu = _owners[function];
        if (gpu != function)
        {
            _free.Remove(function);
        }

        return _gpus[gpu].TryPlace(_types[(gpu, start.Type)]);
    }

    /// <summary>Two snapshots with the same key take the same starts.</summary>
    public string Key
    {
        get
        {
            var text = new StringBuilder();
            foreach (var gpu in _gpus)
            {
                text.Append(gpu.Value.Key).Append('|');
            }

            foreach (var function in _free)
            {
                text.Append(function.RoutingId).Append(',');
            }

            return text.ToString();
        }
    }
}
