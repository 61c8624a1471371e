using VgpuPS.Core.Mig;

namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A size in which a GPU can be cut.</summary>
/// <param name="Id">Its number, as nvidia-smi prints it.</param>
/// <param name="Name">Its name, such as <c>2g.12gb</c>.</param>
/// <param name="ComputeSlices">Compute slices.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="Multiprocessors">SMs.</param>
/// <param name="MaxInstances">How many fit on an empty GPU.</param>
/// <param name="Engines">Fixed-function engines.</param>
/// <param name="TakesMedia">Whether it needs the media engines, which one instance of a GPU can have.</param>
/// <param name="Placements">Where it may sit, ascending start; none where the driver tells none (MIG mode off).</param>
public sealed record ProfileReport(
    uint Id, string Name, int ComputeSlices, long MemoryMiB, int Multiprocessors, int MaxInstances, EngineCounts Engines,
    bool TakesMedia, IReadOnlyList<PlacementReport> Placements);
