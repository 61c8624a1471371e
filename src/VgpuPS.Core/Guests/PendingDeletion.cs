namespace VgpuPS.Core.Guests;

/// <summary>A key that will be removed when the pending changes are applied.</summary>
/// <param name="Key">The key.</param>
/// <param name="IsForced">Whether it is written as <c>!key</c>: a disk is destroyed, not only detached.</param>
public readonly record struct PendingDeletion(string Key, bool IsForced);
