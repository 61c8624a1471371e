using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>What a guest itself says of its licence.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="System">The guest's operating system.</param>
/// <param name="DriverVersion">Version of its driver.</param>
/// <param name="Product">Licensed product; null where unknown.</param>
/// <param name="Status">The words of <c>nvidia-smi</c>; null without a licensed product.</param>
/// <param name="Expiry">When the licence ends; null where it does not or is unknown.</param>
/// <param name="Server">The server that was asked last; null where the log does not report it.</param>
/// <param name="FeatureType">Which licence it requests; null where it does not say.</param>
/// <param name="ClockSkewSeconds">Its clock less the host's, in seconds.</param>
/// <param name="TokenCount">How many tokens it has.</param>
/// <param name="LastLines">The last lines of the service's log.</param>
public sealed record GridLicenseReport(
    int VmId, string System, string? DriverVersion, string? Product, string? Status, DateTimeOffset? Expiry,
    string? Server, int? FeatureType, double ClockSkewSeconds, int TokenCount, IReadOnlyList<string> LastLines)
{
    /// <summary>A row of the VM as the host sees it, with what the guest says.</summary>
    public GridLicenseInfo AddTo(GridLicenseInfo row) => row with
    {
        LicenseExpiry = row.LicenseExpiry ?? Expiry,
        Server = Server,
        FeatureType = FeatureType,
        GuestSystem = System,
        ClockSkewSeconds = ClockSkewSeconds,
        LogLines = LastLines,
    };
}
