namespace VgpuPS.Core.Performance;

/// <summary>What a GPU instance has of its GPU.</summary>
/// <param name="Multiprocessors">Its SMs.</param>
/// <param name="MemorySlices">Its memory slices.</param>
/// <param name="AllMemorySlices">Memory slices of the GPU.</param>
/// <remarks>Source: facts/measuring.md F23: PCI Express and power are not divided.</remarks>
public sealed record InstanceShare(int Multiprocessors, int MemorySlices, int AllMemorySlices)
{
    /// <summary>The share of an instance; null where the driver does not report its profile or placements.</summary>
    /// <param name="profiles">Profiles of the GPU.</param>
    /// <param name="profile">The instance's.</param>
    public static InstanceShare? Find(IReadOnlyList<GpuInstanceProfile> profiles, ProfileId profile)
    {
        var all = profiles.SelectMany(p => p.Placements).Select(p => p.Start + p.Size).DefaultIfEmpty(0).Max();
        return profiles.FirstOrDefault(p => p.Id == profile) is { Multiprocessors: > 0, MemorySlices: > 0 } own
            ? new InstanceShare(own.Multiprocessors, own.MemorySlices, all) : null;
    }

    /// <summary>The instance's peak in a workload, in its unit.</summary>
    /// <param name="board">The board's peaks.</param>
    /// <param name="workload">The workload.</param>
    public double Of(GpuPeak board, Workload workload) =>
        workload == Workload.HostToDevice || workload == Workload.DeviceToHost ? board.Of(workload)
        : workload == Workload.DeviceMemory ? board.Of(workload) * MemorySlices / AllMemorySlices
        : board.Of(workload) * Multiprocessors / board.Multiprocessors;
}
