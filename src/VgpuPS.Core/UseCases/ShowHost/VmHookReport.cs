namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A VM's hookscript as configured; whether its file is right is another question (Test-VgpuHook).</summary>
/// <param name="Volume">Volume id, such as <c>local:snippets/vgpu-hook</c>; null without one.</param>
/// <param name="IsVgpuHook">Whether its file name is that of our hook.</param>
/// <param name="Path">Where the volume id leads; null without one, or where it leads nowhere.</param>
/// <param name="ChainedPath">The other hookscript that ours runs for this VM; null for none.</param>
/// <param name="ChainOrder"><c>before</c> or <c>after</c> our own part; null for none.</param>
public sealed record VmHookReport(
    string? Volume, bool IsVgpuHook, string? Path, string? ChainedPath, string? ChainOrder);
