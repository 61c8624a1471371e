namespace VgpuPS.Core.UseCases.TestHost;

/// <summary>Asks the doctor to look at the host.</summary>
public sealed record TestHostRequest
{
    /// <summary>Names of checks or areas, with <c>*</c> and <c>?</c>; none for all.</summary>
    public IReadOnlyList<string> Checks { get; set; } = [];
}
