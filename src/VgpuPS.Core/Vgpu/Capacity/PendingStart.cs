using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Vgpu.Capacity;

/// <summary>A vGPU that is promised and not created yet, because Proxmox chooses its function or its VM is coming back.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Entry">N of its <c>hostpciN</c>.</param>
/// <param name="Type">The vGPU type.</param>
/// <param name="Candidates">Functions in the order in which Proxmox tries them.</param>
public sealed record PendingStart(VmId Vm, int Entry, VgpuTypeId Type, IReadOnlyList<PciAddress> Candidates);
