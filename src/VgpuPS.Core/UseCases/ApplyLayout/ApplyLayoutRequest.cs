using VgpuPS.Core.Contracts;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.ApplyLayout;

/// <summary>Asks for GPUs to become what a layout says; a layout with one member only changes that.</summary>
public sealed record ApplyLayoutRequest : ChangeRequest
{
    /// <summary>What should be on which GPU; null for the host's own layout file.</summary>
    public IReadOnlyList<GpuLayout>? Gpus { get; init; }

    /// <summary>Whether what the layout says nothing about may be destroyed where a change needs it, if no VM runs.</summary>
    public bool Force { get; init; }

    /// <summary>Whether a GPU may be reset where a change of its MIG mode asks for it.</summary>
    public bool Reset { get; init; }

    /// <summary>Whether the scheduler is kept over reboots, through the driver's module options.</summary>
    public bool Persist { get; init; }
}
