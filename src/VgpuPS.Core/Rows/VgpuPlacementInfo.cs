namespace VgpuPS.Core.Rows;

/// <summary>Where one more vGPU should go.</summary>
public sealed record VgpuPlacementInfo : HostObject
{
    /// <summary>Its number among those that were asked for, from 1.</summary>
    public int Number { get; set; }

    /// <summary>Its type; <c>Add-VmVgpu</c> takes it.</summary>
    public required string VgpuType { get; init; }

    /// <summary>The GPU instance profile of the type; null for a time-sliced one.</summary>
    public required string? InstanceProfile { get; init; }

    /// <summary>Index of the GPU.</summary>
    public required int GpuIndex { get; init; }

    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Model of the GPU.</summary>
    public required string Model { get; init; }

    /// <summary>Function to name in the VM's entry; null with a mapping, of which Proxmox takes one.</summary>
    public required string? FunctionAddress { get; init; }

    /// <summary>The mapping to name instead; null for none.</summary>
    public required string? Mapping { get; init; }

    /// <summary>Place of the GPU instance, <c>start:size</c> in memory slices; null for a time-sliced type.</summary>
    public required string? Placement { get; init; }

    /// <summary>Whether that GPU instance is there already.</summary>
    public required bool IsThere { get; init; }

    /// <summary>
    /// What it costs: for a new GPU instance the planner's price of the slices, 0 for a place on one that is there;
    /// time-sliced 0 beside vGPUs of its size, else the part of the GPU that others can no longer have.
    /// </summary>
    public required double Cost { get; init; }

    /// <summary>The next best place; null for none.</summary>
    public string? RunnerUp { get; set; }

    /// <summary>What the next best place costs; null for none.</summary>
    public double? RunnerUpCost { get; set; }

    /// <summary>Why it goes there, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Type and place.</summary>
    public override string ToString() => $"{VgpuType} on {FunctionAddress ?? Mapping ?? GpuAddress}";
}

/// <summary>Puts the places of several hosts in order.</summary>
public static class PlacementMerge
{
    /// <summary>
    /// Chooses the cheapest next place of all hosts, one after the other; each host's places follow each other as they
    /// were planned.
    /// </summary>
    /// <param name="hosts">Places of each host in its own order.</param>
    /// <param name="count">How many are wanted.</param>
    /// <returns>At most that many, numbered from 1.</returns>
    public static IReadOnlyList<VgpuPlacementInfo> Of(IEnumerable<IReadOnlyList<VgpuPlacementInfo>> hosts, int count)
    {
        var left = hosts.Where(h => h.Count > 0).Select(h => new Queue<VgpuPlacementInfo>(h)).ToList();
        var chosen = new List<VgpuPlacementInfo>();
        while (chosen.Count < count && left.Where(q => q.Count > 0).MinBy(q => q.Peek().Cost) is { } best)
        {
            var place = best.Dequeue();
            place.Number = chosen.Count + 1;
            if (left.Where(q => q != best && q.Count > 0).MinBy(q => q.Peek().Cost)?.Peek() is { } other
                && (place.RunnerUpCost is not { } own || other.Cost < own))
            {
                place.RunnerUp = string.Create(
                    CultureInfo.InvariantCulture,
                    $"GPU {other.GpuIndex}{(other.Placement is { } at ? $" at {at}" : "")} of {other.VgpuHost}");
                place.RunnerUpCost = other.Cost;
            }

            chosen.Add(place);
        }

        return chosen;
    }
}
