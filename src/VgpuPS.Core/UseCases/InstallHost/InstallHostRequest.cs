using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.InstallHost;

/// <summary>Asks for the program that runs to be installed on its host: program, units, snippet, default configuration.</summary>
public sealed record InstallHostRequest : ChangeRequest
{
    /// <summary>The program to install, a path on the host; null for the one that runs.</summary>
    public string? Program { get; init; }

    /// <summary>SHA-256 that the program must have, hexadecimal; null where nobody knows it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Storage for the snippet; null for the present one, or the best.</summary>
    public string? Storage { get; init; }

    /// <summary>Whether a storage may be allowed to hold snippets where none is.</summary>
    public bool EnableSnippets { get; init; }

    /// <summary>Whether only a host that has the product already is meant.</summary>
    public bool IsUpdate { get; init; }
}
