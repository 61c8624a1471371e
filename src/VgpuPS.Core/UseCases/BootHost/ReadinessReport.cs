using VgpuPS.Core.Errors;

namespace VgpuPS.Core.UseCases.BootHost;

/// <summary>How ready a host is for its layout.</summary>
/// <param name="DriverAnswers">Whether the GPU driver answers.</param>
/// <param name="Problems">What has failed, or did not come in time.</param>
/// <param name="Notes">What is worth knowing and no failure.</param>
internal sealed record ReadinessReport(
    bool DriverAnswers, IReadOnlyList<VgpuException> Problems, IReadOnlyList<string> Notes);
