namespace VgpuPS.Core.Pci;

/// <summary>UUID of a GPU as NVML prints it (<c>GPU-…</c>); stays the same when the GPU moves to another slot.</summary>
/// <param name="Value">The text.</param>
public readonly record struct GpuUuid(string Value)
{
    /// <summary>The text.</summary>
    public override string ToString() => Value;
}
