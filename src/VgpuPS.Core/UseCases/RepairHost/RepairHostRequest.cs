using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.RepairHost;

/// <summary>Asks for the safe fixes of what the doctor finds.</summary>
public sealed record RepairHostRequest : ChangeRequest
{
    /// <summary>Names of checks or areas, with <c>*</c> and <c>?</c>; none for all.</summary>
    public IReadOnlyList<string> Checks { get; set; } = [];
}
