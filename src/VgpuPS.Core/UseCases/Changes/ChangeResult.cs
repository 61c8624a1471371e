namespace VgpuPS.Core.UseCases.Changes;

/// <summary>What was done, or would be.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Objects">
/// The objects that were made or changed, or that were right already, as read back; none for a plan only, and for what was
/// removed.
/// </param>
public sealed record ChangeResult(ChangePlan Plan, IReadOnlyList<ChangedObject> Objects);
