using VgpuPS.Core.Contracts;

namespace VgpuPS.Core.UseCases.ReadEvents;

/// <summary>Changes that were made on the host.</summary>
/// <param name="Events">The changes, the oldest first.</param>
/// <param name="UnreadableLines">How many lines of the log could not be read.</param>
public sealed record ReadEventsResult(IReadOnlyList<EventLineDocument> Events, int UnreadableLines);
