namespace VgpuPS.Core.Contracts;

/// <summary>Another hookscript of a VM as the configuration holds it.</summary>
public sealed record ChainedScriptDocument
{
    /// <summary>Absolute path.</summary>
    public required string Path { get; init; }

    /// <summary><c>before</c> or <c>after</c>; null means after.</summary>
    public string? Order { get; init; }
}
