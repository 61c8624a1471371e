namespace VgpuPS.Core.UseCases.TestVgpuHook;

/// <summary>Asks whether the hook of VMs is as it must be.</summary>
public sealed record TestVgpuHookRequest
{
    /// <summary>VMs, by number or name; none for all of the node that have a vGPU or the hook.</summary>
    public IReadOnlyList<string> Vms { get; set; } = [];
}
