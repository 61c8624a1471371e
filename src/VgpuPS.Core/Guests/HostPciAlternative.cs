using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Guests;

/// <summary>Functions that are passed to the guest together.</summary>
/// <param name="Functions">The functions in Proxmox's order; one for a vGPU.</param>
/// <param name="Entry">The mapping's entry that names them, or null for a raw address.</param>
public sealed record HostPciAlternative(IReadOnlyList<PciAddress> Functions, PciMappingEntry? Entry);
