using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.UnregisterVgpuHook;

/// <summary>Asks that our hook be taken from a VM.</summary>
public sealed record UnregisterVgpuHookRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Whether to do it although the VM has a vGPU, or although its chained script cannot be put back.</summary>
    public bool Force { get; init; }
}
