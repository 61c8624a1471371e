using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.RegisterVgpuHook;

/// <summary>Asks for our hook on a VM.</summary>
public sealed record RegisterVgpuHookRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Storage for the hook; null for the one that has it already, else <c>local</c>, else the first that can.</summary>
    public string? Storage { get; init; }
}
