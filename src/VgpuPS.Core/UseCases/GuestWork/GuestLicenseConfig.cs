namespace VgpuPS.Core.UseCases.GuestWork;

/// <summary>A guest's configuration of licensing.</summary>
/// <param name="TokenFolder">Where its token lies.</param>
/// <param name="FeatureType">Which licence it asks for; null where it does not say.</param>
/// <param name="HasServerAddress">Whether a server of the old way of licensing is set, which spoils the new one.</param>
/// <param name="Text">The configuration file; null without one.</param>
internal sealed record GuestLicenseConfig(string TokenFolder, int? FeatureType, bool HasServerAddress, string? Text);
