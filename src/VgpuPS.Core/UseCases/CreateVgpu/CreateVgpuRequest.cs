using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.CreateVgpu;

/// <summary>Asks for a vGPU on a function, or on the first free function of a GPU.</summary>
public sealed record CreateVgpuRequest : ChangeRequest
{
    /// <summary>Address of the GPU; null where the function is named.</summary>
    public string? Gpu { get; init; }

    /// <summary>Address of the function; null where the GPU is named.</summary>
    public string? FunctionAddress { get; init; }

    /// <summary>The type by name (<c>A30-2-12C</c>) or number (<c>690</c>, <c>nvidia-690</c>).</summary>
    public required string Type { get; init; }

    /// <summary>UUID of the mediated device; needed where the functions offer mediated devices.</summary>
    public string? Uuid { get; init; }
}
