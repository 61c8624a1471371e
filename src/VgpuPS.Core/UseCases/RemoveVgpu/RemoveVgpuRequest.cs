using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.RemoveVgpu;

/// <summary>Asks for a vGPU to be removed, named by its function or by its mediated device.</summary>
public sealed record RemoveVgpuRequest : ChangeRequest
{
    /// <summary>Address of the function; null where the mediated device is named.</summary>
    public string? FunctionAddress { get; init; }

    /// <summary>UUID of the mediated device; null where the function has one vGPU.</summary>
    public string? MdevUuid { get; init; }
}
