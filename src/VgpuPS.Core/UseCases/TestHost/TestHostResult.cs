namespace VgpuPS.Core.UseCases.TestHost;

/// <summary>What the doctor found.</summary>
/// <param name="Checks">Every check that was made, in the order in which they build on each other.</param>
public sealed record TestHostResult(IReadOnlyList<CheckResult> Checks)
{
    /// <summary>Checks that found something.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<CheckResult> Findings => Checks.Where(c => c.Verdict is CheckVerdict.Warning or CheckVerdict.Failed);
}
