namespace VgpuPS.Core.UseCases.ExportLayout;

/// <summary>Asks for a layout that says what is on the GPUs now.</summary>
public sealed record ExportLayoutRequest
{
    /// <summary>Addresses of the GPUs; null for all.</summary>
    public IReadOnlyList<string>? Gpus { get; init; }
}
