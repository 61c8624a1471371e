namespace VgpuPS.Core.Advice;

/// <summary>A VM of a tenant with its vGPU.</summary>
/// <param name="Seat">The VM.</param>
/// <param name="Gpu">The GPU.</param>
/// <param name="Vgpu">Its vGPU.</param>
/// <param name="Function">Function for it; null where any will do, or none is known.</param>
/// <param name="Filling">What the GPU gives in all.</param>
internal sealed record Seated(Seat Seat, AdviceGpu Gpu, AdviceSeat Vgpu, string? Function, Filling Filling)
{
    /// <summary>Whether the GPU's scheduler gives fixed shares.</summary>
    public bool HasFixedShares => Filling.HasFixedShares;

    /// <summary>Whether vGPUs of several sizes share the GPU.</summary>
    public bool HasMixedSizes => Filling.HasMixedSizes;

    /// <summary>Whether its GPU instance has all SMs of the GPU.</summary>
    public bool HasAllMultiprocessors => Gpu.Peak is { } peak
        && Gpu.FindProfile(Vgpu.Type.Profile)?.Multiprocessors >= peak.Multiprocessors;
}

/// <summary>Gives tenants' VMs the vGPUs of a distribution, in the order of tenants and GPUs.</summary>
internal static class Seating
{
    /// <summary>Gives them.</summary>
    public static IReadOnlyList<Seated> Of(Distribution distribution, IReadOnlyList<SeatGroup> groups)
    {
        var waiting = groups.Select(g => new Queue<Seat>(g.Seats)).ToList();
        var seated = new List<Seated>();
        foreach (var (gpu, filling) in distribution.Gpus)
        {
            var functions = new Queue<string>(gpu.Functions);
            foreach (var part in filling.Parts)
            {
                for (var n = 0; n < part.Count; n++)
                {
                    var seat = waiting[part.Group].Dequeue();
                    functions.TryDequeue(out var function);
                    seated.Add(new Seated(
                        seat, gpu, part.Seat, AdviceLayout.Known(function), filling));
                }
            }
        }

        return seated;
    }
}
