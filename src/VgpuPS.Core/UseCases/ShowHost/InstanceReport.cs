namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A GPU instance.</summary>
/// <param name="Id">Its id on the GPU.</param>
/// <param name="Profile">Name of its profile, such as <c>2g.12gb</c>.</param>
/// <param name="ProfileId">The profile's number, as nvidia-smi prints it.</param>
/// <param name="Placement">Where it sits, in memory slices.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="ComputeInstances">Its compute instances, ascending id.</param>
/// <param name="VmIds">VMs with a running vGPU on it, ascending.</param>
/// <param name="IsMadeByHook">Whether the hook made it, and will take it back when nobody needs it.</param>
public sealed record InstanceReport(
    uint Id, string Profile, uint ProfileId, PlacementReport Placement, long MemoryMiB,
    IReadOnlyList<ComputeInstanceReport> ComputeInstances, IReadOnlyList<int> VmIds, bool IsMadeByHook);
