namespace VgpuPS.Core.UseCases.Changes;

/// <summary>What was done, or would be.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Objects">
/// The objects that were made or changed, or that were right already, as read back; none for a plan only, and for what was
/// removed.
/// </param>
public sealed record ChangeResult(ChangePlan Plan, IReadOnlyList<ChangedObject> Objects)
{
    /// <summary>
    /// Addresses of the GPUs that the request's name means, ascending; null where it names none so. Where they are not
    /// exactly one, nothing was planned: each is asked for by its address.
    /// </summary>
    public IReadOnlyList<string>? Gpus { get; init; }
}
