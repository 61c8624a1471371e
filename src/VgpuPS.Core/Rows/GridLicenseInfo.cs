namespace VgpuPS.Core.Rows;

/// <summary>The licence of a running vGPU.</summary>
public sealed record GridLicenseInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Name of the vGPU's type.</summary>
    public required string VgpuType { get; init; }

    /// <summary>The product that it needs; null where the type's name does not show it.</summary>
    public required string? Product { get; init; }

    /// <summary>State, such as <c>Licensed</c>; null until the guest's driver is up.</summary>
    public required string? LicenseStatus { get; init; }

    /// <summary>When it ends; null where it does not or is unknown.</summary>
    public required DateTimeOffset? LicenseExpiry { get; init; }

    /// <summary>The licence server; null where the guest was not asked, or its log does not report it.</summary>
    public string? Server { get; init; }

    /// <summary>Which licence the guest requests; null where it was not asked, or does not say.</summary>
    public int? FeatureType { get; init; }

    /// <summary>The guest's operating system; null where it was not asked.</summary>
    public string? GuestSystem { get; init; }

    /// <summary>Guest's clock less the host's, in seconds; null where it was not asked.</summary>
    public double? ClockSkewSeconds { get; init; }

    /// <summary>The last lines of the licence service's log; empty where the guest was not asked.</summary>
    public IReadOnlyList<string> LogLines { get; init => field = RowList.Of(value); } = RowList.Of<string>([]);

    /// <summary>Version of the guest's driver; null until it is up.</summary>
    public required string? GuestDriver { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>The function that the vGPU is on.</summary>
    public required string FunctionAddress { get; init; }

    /// <summary>The VM.</summary>
    public override string ToString() => $"{VmId}";
}
