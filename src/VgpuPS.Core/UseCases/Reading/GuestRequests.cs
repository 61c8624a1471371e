using VgpuPS.Core.Guests;
using VgpuPS.Core.Vgpu.Assignment;

namespace VgpuPS.Core.UseCases.Reading;

/// <summary>What a VM's configuration asks for.</summary>
/// <param name="Config">The configuration as Proxmox reads it.</param>
/// <param name="Generation">The Proxmox that reads it.</param>
/// <param name="Requests">The vGPUs, ascending entry; none for a VM without.</param>
/// <param name="Mappings">Mappings among them that the kernel's devices must match before Proxmox accepts any entry.</param>
public sealed record GuestRequests(
    VmConfig Config, PveGeneration Generation, IReadOnlyList<GuestVgpuRequest> Requests,
    IReadOnlyList<PciMapping> Mappings);
