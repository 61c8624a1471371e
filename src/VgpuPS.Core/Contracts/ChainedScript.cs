namespace VgpuPS.Core.Contracts;

/// <summary>Another hookscript, run with the same arguments.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Order">Before or after the hook's own part; after by default.</param>
public sealed record ChainedScript(string Path, ChainOrder Order = ChainOrder.After);
