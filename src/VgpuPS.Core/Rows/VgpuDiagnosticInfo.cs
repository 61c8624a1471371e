namespace VgpuPS.Core.Rows;

/// <summary>A file of a support bundle.</summary>
public sealed record VgpuDiagnosticInfo : HostObject
{
    /// <summary>Its path in the bundle.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of its text; 0 where there is none.</summary>
    public required long Size { get; init; }

    /// <summary>Where its text is from: a path or a command of the host.</summary>
    public required string Source { get; init; }

    /// <summary>Why it is not there, or not whole; null where it is.</summary>
    public required string? Problem { get; init; }

    /// <summary>Its path in the bundle.</summary>
    public override string ToString() => Name;
}
