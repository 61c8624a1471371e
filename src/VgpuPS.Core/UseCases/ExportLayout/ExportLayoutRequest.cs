namespace VgpuPS.Core.UseCases.ExportLayout;

/// <summary>Asks for a layout that says what is on the GPUs now.</summary>
public sealed record ExportLayoutRequest
{
    /// <summary>The GPUs, by index, UUID, address or model, each once; null for all.</summary>
    public IReadOnlyList<string>? Gpus { get; init; }
}
