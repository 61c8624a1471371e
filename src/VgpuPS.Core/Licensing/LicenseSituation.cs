namespace VgpuPS.Core.Licensing;

/// <summary>What is known where a licence was not acquired; members that were not found out are null.</summary>
public sealed record LicenseSituation
{
    /// <summary>The licence service's log since it was restarted.</summary>
    public required GriddLog Log { get; init; }

    /// <summary>What <c>nvidia-smi</c> says in the guest.</summary>
    public required SmiReport Smi { get; init; }

    /// <summary>Letter of the vGPU's class: A, B, C or Q.</summary>
    public char? VgpuClass { get; init; }

    /// <summary>What is asked for.</summary>
    public int? FeatureType { get; init; }

    /// <summary>Servers that the token is for.</summary>
    public IReadOnlyList<string> TokenServers { get; init; } = [];

    /// <summary>Port of the server.</summary>
    public int Port { get; init; } = 443;

    /// <summary>Guest's clock less the host's.</summary>
    public TimeSpan? ClockSkew { get; init; }

    /// <summary>Version of the host's driver.</summary>
    public string? HostDriver { get; init; }

    /// <summary>Whether OpenSSL is there.</summary>
    public bool? HasOpenSsl { get; init; }

    /// <summary>Whether the guest knows the server's name.</summary>
    public bool? ServerResolves { get; init; }

    /// <summary>Whether the server's port takes a connection from the guest.</summary>
    public bool? PortIsOpen { get; init; }

    /// <summary>Whether the guest is Windows.</summary>
    public bool IsWindows { get; init; }
}
