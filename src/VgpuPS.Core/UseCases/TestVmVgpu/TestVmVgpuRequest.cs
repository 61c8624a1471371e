namespace VgpuPS.Core.UseCases.TestVmVgpu;

/// <summary>Asks what a start of a VM would do now, or why it would fail.</summary>
public sealed record TestVmVgpuRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }
}
