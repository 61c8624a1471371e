using VgpuPS.Lab.Machine;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>What of the GPUs' state a call may change and the kernel must know.</summary>
internal sealed class DriverSnapshot(LabState state)
{
    private readonly Dictionary<string, Entry> _entries = state.Gpus.ToDictionary(
        gpu => gpu.Address, gpu => new Entry(gpu.MigCurrent, gpu.MixedSizes, [.. gpu.Instances]));

    /// <summary>One GPU as it was.</summary>
    /// <param name="gpu">The GPU.</param>
    internal Entry this[LabGpu gpu] => _entries[gpu.Address];

    /// <summary>MIG mode, mixed-size mode and GPU instances of one GPU.</summary>
    internal sealed record Entry(bool Mig, bool MixedSizes, IReadOnlyList<LabGpuInstance> Instances);
}
