namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A VM's claim to a vGPU.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="Entry">Its entry, <c>hostpciN</c>.</param>
/// <param name="Type">Number of the vGPU type.</param>
/// <param name="State"><c>pending</c>, <c>live</c> or <c>held</c>.</param>
/// <param name="Function">Its function; null where Proxmox chooses.</param>
public sealed record ClaimReport(int VmId, string Entry, uint Type, string State, string? Function);
