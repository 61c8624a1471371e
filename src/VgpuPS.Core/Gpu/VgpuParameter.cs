namespace VgpuPS.Core.Gpu;

/// <summary>A parameter of NVIDIA's vGPU plugin, which a VM's vGPU starts with.</summary>
/// <param name="Name">Its name, as the driver spells it.</param>
/// <param name="Largest">Its largest value; the smallest is 0.</param>
/// <param name="Effect">What it does, for display.</param>
/// <remarks>
/// Source: facts/host-behaviour.md 1.6 and facts/measuring.md F25. Values but those named there are assumed: a switch
/// is 0 or 1, and a placement id fits NVML's 16 bits, of which the last means none (facts/nvml.md).
/// </remarks>
public sealed record VgpuParameter(string Name, int Largest, string Effect)
{
    /// <summary>Unified memory in the guest.</summary>
    public const string UnifiedMemory = "enable_uvm";

    /// <summary>CUDA profilers in the guest.</summary>
    public const string Profiling = "enable_profiling";

    /// <summary>CUDA debuggers in the guest.</summary>
    public const string Debugging = "enable_debugging";

    /// <summary>Where a time-sliced vGPU lies on a GPU of mixed sizes.</summary>
    public const string PlacementId = "vgpu-placement-id";

    /// <summary>All of them, in the order in which they are written.</summary>
    public static IReadOnlyList<VgpuParameter> All { get; } =
    [
        new(UnifiedMemory, 1, "unified memory"),
        new(Profiling, 1, "CUDA profilers, with enable_uvm=1"),
        new(Debugging, 1, "CUDA debuggers"),
        new("frame_rate_limiter", 1, "0 lifts the limit of frames a second"),
        new("disable_vnc", 1, "1 switches the plugin's own console off"),
        new(PlacementId, 65534, "where a time-sliced vGPU lies, on a GPU of mixed sizes"),
    ];

    /// <summary>The parameter of that name; null for none.</summary>
    public static VgpuParameter? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    /// <summary>Values allowed, for messages.</summary>
    public string Values => string.Create(CultureInfo.InvariantCulture, $"0 {(Largest == 1 ? "or" : "to")} {Largest}");
}
