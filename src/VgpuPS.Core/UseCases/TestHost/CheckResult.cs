namespace VgpuPS.Core.UseCases.TestHost;

/// <summary>What one check of the doctor found.</summary>
/// <param name="Id">The check, such as <c>IommuOff</c>: it names the fault that it looks for.</param>
/// <param name="Area"><c>Platform</c>, <c>Driver</c>, <c>Sriov</c>, <c>Mig</c>, <c>Vgpu</c>, <c>VmStart</c>, <c>Services</c>, <c>Licensing</c> or <c>Files</c>.</param>
/// <param name="Title">What is looked at, for people.</param>
/// <param name="Verdict">What it came to.</param>
/// <param name="Evidence">The line or value that was seen; for a skipped check why.</param>
/// <param name="Cause">What brings it about; null where nothing is wrong.</param>
/// <param name="Fix">What to do, with a command; null where nothing is wrong.</param>
/// <param name="Repairable">Whether Repair-VgpuHost does it.</param>
public sealed record CheckResult(
    string Id, string Area, string Title, CheckVerdict Verdict, string Evidence, string? Cause, string? Fix, bool Repairable);
