namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A VM configured on the node.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name; null without one, or where the configuration cannot be read.</param>
/// <param name="Status"><c>running</c> or <c>stopped</c>.</param>
/// <param name="HostPci">Its <c>hostpciN</c> entries as they stand in the configuration, by key.</param>
public sealed record VmReport(int Id, string? Name, string Status, IReadOnlyDictionary<string, string> HostPci);
