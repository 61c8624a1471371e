namespace VgpuPS.Core.Licensing;

/// <summary>A line of the licence service's log.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Text">The line without time and program.</param>
/// <param name="Server">The server that it names; null for none.</param>
/// <param name="Product">The product that it names; null for none.</param>
/// <param name="Reason">The server's reason of a failure; null for none.</param>
/// <param name="Expiry">When the licence ends; null where it is not told.</param>
public sealed record GriddEvent(
    GriddEventKind Kind, string Text, string? Server = null, string? Product = null, string? Reason = null,
    DateTimeOffset? Expiry = null);
