using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.RemoveVmVgpu;

/// <summary>Asks that a vGPU be taken out of a VM's configuration.</summary>
public sealed record RemoveVmVgpuRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>The entry: <c>hostpciN</c> or N; null for the only vGPU of the VM.</summary>
    public string? Entry { get; init; }
}
